"""A small sparse mixture-of-experts language model: top-k routing, load balance, documents kept apart."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """Sizes of a model."""

    n_layers: int = 2
    width: int = 48
    n_heads: int = 4
    n_experts: int = 8
    top_k: int = 2
    expert_width: int = 96
    vocabulary: int = 100_352
    sequence_length: int = 128
    logits_samples: int = 8
    """Samples whose logits are held at once: of a large batch they would be the largest thing in memory."""


@dataclass
class Output:
    """What a forward pass gives."""

    loss: Tensor
    """Mean loss of each sample, [batch]."""
    balance: Tensor
    """Load-balancing loss: 1 where every expert is used alike."""
    chosen: Tensor
    """Experts of each token, [layers, batch, S, top_k]."""


@dataclass
class Encoded:
    """What the layers make of tokens, before any is predicted."""

    hidden: Tensor
    """[batch, S, width]: place i predicts token i + 1."""
    learned: Tensor
    """f32[batch, S - 1]: 1 where token i + 1 is of the same document as token i."""
    balance: Tensor
    chosen: Tensor


class Experts(nn.Module):
    """A feed-forward layer of which each token uses `top_k` of `n_experts`."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.top_k, self.n_experts = config.top_k, config.n_experts
        self.router = nn.Linear(config.width, config.n_experts, bias=False)
        scale = config.width**-0.5
        self.up = nn.Parameter(torch.randn(config.n_experts, config.width, config.expert_width) * scale)
        self.down = nn.Parameter(torch.randn(config.n_experts, config.expert_width, config.width) * scale)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return (output, balance loss, experts of each token [tokens, top_k]) of x [tokens, width]."""
        probability = F.softmax(self.router(x).float(), dim=-1)
        weight, chosen = probability.topk(self.top_k, dim=-1)
        weight = (weight / weight.sum(-1, keepdim=True)).to(x.dtype)
        output = torch.zeros_like(x)
        for expert in range(self.n_experts):
            token, slot = torch.where(chosen == expert)
            hidden = F.gelu(x[token] @ self.up[expert]) @ self.down[expert]
            # One token meets an expert once, so this adds to each row at most once: no order to depend on.
            output = output.index_add(0, token, hidden * weight[token, slot, None])
        used = F.one_hot(chosen, self.n_experts).float().sum(1).mean(0) / self.top_k
        # Switch Transformer, Fedus et al. 2021, equation 4.
        balance = self.n_experts * (used * probability.mean(0)).sum()
        return output, balance, chosen


class Layer(nn.Module):
    """Attention within documents, then experts."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.n_heads = config.n_heads
        self.norm_in, self.norm_out = nn.LayerNorm(config.width), nn.LayerNorm(config.width)
        self.qkv = nn.Linear(config.width, 3 * config.width, bias=False)
        self.out = nn.Linear(config.width, config.width, bias=False)
        self.experts = Experts(config)

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return (x, balance loss, experts [batch, S, top_k]); `mask` [batch, 1, S, S] is true where seen."""
        batch, length, width = x.shape
        parts = self.qkv(self.norm_in(x)).view(batch, length, 3, self.n_heads, -1).permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(parts[0], parts[1], parts[2], attn_mask=mask)
        x = x + self.out(seen.transpose(1, 2).reshape(batch, length, width))
        added, balance, chosen = self.experts(self.norm_out(x).view(-1, width))
        return x + added.view_as(x), balance, chosen.view(batch, length, -1)


class MoeModel(nn.Module):
    """The language model; its output layer is its embedding."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.embedding = nn.Embedding(config.vocabulary, config.width)
        self.position = nn.Embedding(config.sequence_length, config.width)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.n_layers))
        self.norm = nn.LayerNorm(config.width)
        self.logits_samples = config.logits_samples
        nn.init.normal_(self.embedding.weight, std=0.02)
        nn.init.normal_(self.position.weight, std=0.02)

    def forward(self, tokens: Tensor, positions: Tensor) -> Output:
        """Return losses of tokens [batch, S], whose positions begin at 0 with each document."""
        found = self.encode(tokens, positions)
        each = self._losses(found.hidden[:, :-1], tokens[:, 1:])
        loss = (each * found.learned).sum(1) / found.learned.sum(1).clamp(min=1)
        return Output(loss, found.balance, found.chosen)

    def encode(self, tokens: Tensor, positions: Tensor) -> Encoded:
        """Return what the layers make of tokens [batch, S], whose positions begin at 0 with each document."""
        document = (positions == 0).cumsum(1)
        same = document[:, :, None] == document[:, None, :]
        mask = (same & torch.ones_like(same).tril())[:, None]
        x = self.embedding(tokens) + self.position(positions)
        balances, chosen = [], []
        for layer in self.layers:
            x, balance, experts = layer(x, mask)
            balances.append(balance)
            chosen.append(experts)
        # The first token of a document follows from nothing that is in the sample.
        learned = (document[:, 1:] == document[:, :-1]).float()
        return Encoded(self.norm(x), learned, torch.stack(balances).mean(), torch.stack(chosen))

    def _losses(self, hidden: Tensor, following: Tensor) -> Tensor:
        """Return the loss of each token of `following` [batch, S - 1]."""
        if len(hidden) <= self.logits_samples:
            return self._group_losses(hidden, following)
        groups = zip(hidden.split(self.logits_samples), following.split(self.logits_samples), strict=True)
        # Made again in the backward pass, group after group: never held all at once.
        return torch.cat([checkpoint(self._group_losses, *group, use_reentrant=False) for group in groups])

    def _group_losses(self, hidden: Tensor, following: Tensor) -> Tensor:
        logits = (hidden @ self.embedding.weight.T).flatten(0, 1).float()
        return F.cross_entropy(logits, following.flatten(), reduction="none").view_as(following)
