"""Linear layers in eight bits.

Weights are quantized once, each output on a scale of its own; what comes in is quantized as it
comes, over all eight bits. Processors without VNNI need one bit free against overflow: here it
is the weights', which do without; PyTorch's `quantize_dynamic` takes it from what comes in, and
that costs up to .013 of recall@5 (eval/LOG.md).
"""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor, nn

# Weights keep to 64 steps a side: without VNNI, two products are summed in 16 bits, and
# 2 x 255 x 64 still fits there.
STEPS = 64


class EightBitLinear(nn.Module):
    """Computes what `linear` computes, to about two digits.

    Args:
        linear: With a bias; it is not changed.
    """

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        weight = linear.weight.detach()
        scales = weight.abs().amax(dim=1).clamp_min(1e-8) / STEPS
        zeros = torch.zeros(len(weight), dtype=torch.int64)
        with warnings.catch_warnings():
            # PyTorch is moving this to another package; `find_precision` asks whether it is there.
            warnings.filterwarnings("ignore", r"torch\.quantize_per_tensor", UserWarning)
            quantized = torch.quantize_per_channel(weight, scales, zeros, 0, torch.qint8)
        self._packed: Any = torch.ops.quantized.linear_prepack(quantized, linear.bias.detach())

    def forward(self, rows: Tensor) -> Tensor:
        """Return shape (..., out) for shape (..., in), float32 both."""
        computed: Tensor = torch.ops.quantized.linear_dynamic(
            rows, self._packed, reduce_range=False
        )
        return computed


def quantize_linears(model: nn.Module) -> nn.Module:
    """Put an `EightBitLinear` in the place of every linear layer of `model`; return `model`."""
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Linear):
                setattr(parent, name, EightBitLinear(child))
    return model
