"""Finding items by their text: `embed` turns text into vectors, `dense` keeps them in Chroma, `lexical` is BM25."""
