"""Eight bits give what float32 gives, to within what a step of the quantization can hide."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from embeddings.eight_bit import EightBitLinear, quantize_linears


def make_linear(seed: int) -> nn.Linear:
    generator = torch.Generator().manual_seed(seed)
    linear = nn.Linear(64, 32)
    with torch.no_grad():
        linear.weight.copy_(torch.randn(32, 64, generator=generator))
        linear.weight[3] *= 100  # each output has a scale of its own
        linear.bias.copy_(torch.randn(32, generator=generator))
    return linear


@pytest.mark.parametrize("seed", range(5))
def test_each_output_is_within_two_hundredths_of_its_spread(seed: int) -> None:
    """A scale shared by all outputs would drown the small ones in the rounding of the large one."""
    linear = make_linear(seed)
    rows = torch.randn(200, 64, generator=torch.Generator().manual_seed(100 + seed))

    with torch.inference_mode():
        exact, rounded = linear(rows), EightBitLinear(linear)(rows)

    error = (exact - rounded).abs().mean(dim=0) / exact.std(dim=0)
    assert float(error.max()) < 0.02


def test_every_linear_layer_is_replaced_and_nothing_else() -> None:
    model = nn.Sequential(make_linear(0), nn.ReLU(), nn.Sequential(nn.Linear(32, 4)))

    quantize_linears(model)

    kinds = [type(module).__name__ for module in model.modules()]
    assert kinds == ["Sequential", "EightBitLinear", "ReLU", "Sequential", "EightBitLinear"]
