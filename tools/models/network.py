"""The sequence network: a causal transformer over item ids, as SASRec, trained with a full softmax.

W.-C. Kang and J. McAuley, "Self-Attentive Sequential Recommendation", ICDM 2018; the loss after A. Petrov and
C. Macdonald, "gSASRec", RecSys 2023, and A. Klenitskiy and A. Vasilev, "Turning Dross Into Gold Loss", RecSys 2023:
cross-entropy over all items instead of one sampled negative.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


class Network(nn.Module):
    """Item ids (batch, length), padded on the right with `items`, to what comes next (batch, length, dimensions)."""

    def __init__(
        self,
        items: int,
        *,
        length: int,
        dimensions: int,
        blocks: int,
        heads: int,
        dropout: float,
        temperature: float,
    ) -> None:
        super().__init__()
        self.items, self.length, self.temperature = items, length, temperature
        self.embedding = nn.Embedding(items + 1, dimensions)
        self.place = nn.Embedding(length, dimensions)
        self.blocks = nn.ModuleList([Block(dimensions, heads, dropout) for _ in range(blocks)])
        self.norm = nn.LayerNorm(dimensions)
        self.dropout = nn.Dropout(dropout)
        for table in (self.embedding, self.place):
            nn.init.normal_(table.weight, std=0.02)

    def forward(self, ids: Tensor) -> Tensor:
        """The state after each item."""
        x = self.embedding(ids) + self.place.weight[: ids.shape[1]]
        x = self.dropout(x)
        for block in self.blocks:
            x = block(x)
        state: Tensor = self.norm(x)
        return state

    def logits(self, state: Tensor) -> Tensor:
        """One logit an item (..., items): the cosine of state and item over the temperature."""
        items = functional.normalize(self.embedding.weight[: self.items], dim=-1)
        return functional.linear(functional.normalize(state, dim=-1), items) / self.temperature


class Block(nn.Module):
    """Causal self-attention and a feed-forward layer, each after a layer norm and around a shortcut."""

    def __init__(self, dimensions: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.rate = heads, dropout
        self.before_attention, self.before_forward = nn.LayerNorm(dimensions), nn.LayerNorm(dimensions)
        self.qkv = nn.Linear(dimensions, 3 * dimensions)
        self.out = nn.Linear(dimensions, dimensions)
        self.forward_layers = nn.Sequential(
            nn.Linear(dimensions, 4 * dimensions),
            nn.GELU(approximate="tanh"),
            nn.Dropout(dropout),
            nn.Linear(4 * dimensions, dimensions),
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        batch, length, dimensions = x.shape
        shape = (batch, length, 3, self.heads, dimensions // self.heads)
        q, k, v = self.qkv(self.before_attention(x)).view(shape).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(
            q, k, v, dropout_p=self.rate if self.training else 0.0, is_causal=True
        )
        x = x + self.dropout(self.out(mixed.transpose(1, 2).reshape(batch, length, dimensions)))
        result: Tensor = x + self.dropout(self.forward_layers(self.before_forward(x)))
        return result
