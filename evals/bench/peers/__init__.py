"""Peers that can't live beside us: RecTools wants numpy 1, so it and LensKit run in an environment of their own."""
