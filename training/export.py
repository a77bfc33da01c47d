"""Turn PyTorch networks into the int8 ONNX files that the package ships.

python -m training.export encoder --out build/encoder
python -m training.export detector --network build/detector/network.pt --out build/detector
"""

import shutil
from pathlib import Path
from typing import Annotated

import onnx
import torch
import typer
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from transformers import BertModel

from quotes.encoder import N_LAYERS
from quotes.labels import LINK_DIM
from training.network import Detector, encoder_folder

app = typer.Typer(help=__doc__)
_HEADS = ("quote_head", "name_head", "piece_head", "cue_head")
"""Kept in full precision: they are small, and names lose half a point of F1 without it."""


class _Layers(nn.Module):
    """The encoder with its last layers as one output."""

    def __init__(self) -> None:
        super().__init__()
        self.bert = BertModel.from_pretrained(encoder_folder(), add_pooling_layer=False, attn_implementation="eager")

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        states = self.bert(ids, attention_mask=mask, output_hidden_states=True).hidden_states
        return torch.stack(states[-N_LAYERS:])


def export(network: nn.Module, arguments: tuple[Tensor, ...], inputs: list[str], outputs: list[str], out: Path) -> None:
    """Write `out` in int8: weights per channel, word vectors too, activations quantised as they come."""
    network.eval()
    full = out.with_suffix(".fp32.onnx")
    axes = {name: {0: "batch", 1: "length"} for name in inputs + outputs}
    axes |= {name: {0: "batch"} for name in ("cues", "places") if name in inputs}
    if outputs == ["logits"]:
        axes["logits"] = {0: "batch"}
    if outputs == ["layers"]:
        axes["layers"] = {1: "batch", 2: "length"}
    torch.onnx.export(
        network,
        arguments,
        str(full),
        dynamo=False,
        input_names=inputs,
        output_names=outputs,
        opset_version=17,
        dynamic_axes=axes,
    )
    quantize_dynamic(
        full,
        out,
        weight_type=QuantType.QInt8,
        per_channel=True,
        op_types_to_quantize=["MatMul", "Gemm", "Gather"],
        nodes_to_exclude=[node.name for node in onnx.load(full).graph.node if any(f"/{head}/" in node.name for head in _HEADS)],
    )
    onnx.checker.check_model(str(out))


def _arguments() -> tuple[Tensor, Tensor, Tensor]:
    ids = torch.randint(1000, 2000, (2, 64))
    return ids, torch.zeros(2, 64, 3, dtype=torch.long), torch.ones_like(ids)


def export_reader(network: nn.Module, out: Path) -> None:
    """Write the network that reads statements for the stance model."""
    ids, _, mask = _arguments()
    types = torch.zeros_like(ids)
    types[:, 5:20] = 1
    export(network, (ids, types, mask), ["ids", "types", "mask"], ["logits"], out)


@app.command()
def encoder(out: Annotated[Path, typer.Option(help="folder to write to")]) -> None:
    """Export the frozen encoder and its tokenizer."""
    out.mkdir(parents=True, exist_ok=True)
    ids, _, mask = _arguments()
    export(_Layers(), (ids, mask), ["ids", "mask"], ["layers"], out / "encoder.onnx")
    shutil.copy(encoder_folder() / "tokenizer.json", out / "tokenizer.json")


@app.command()
def detector(
    network: Annotated[list[Path], typer.Option(help="network.pt of a fit; several are averaged, weight by weight")],
    out: Annotated[Path, typer.Option(help="folder to write to")],
) -> None:
    """Export the detector."""
    out.mkdir(parents=True, exist_ok=True)
    model = Detector(attention="eager")
    states = [torch.load(path, weights_only=True) for path in network]
    model.load_state_dict({key: torch.stack([state[key].float() for state in states]).mean(0) for key in states[0]})
    outputs = ["quote", "name", "pieces", "cues"]
    export(model, _arguments(), ["ids", "features", "mask"], outputs, out / "detector.onnx")
    pieces, cues, places = torch.randn(2, 64, LINK_DIM), torch.randn(2, LINK_DIM), torch.tensor([3, 5])
    mask = torch.ones(2, 64, dtype=torch.long)
    export(model.linker, (pieces, cues, places, mask), ["pieces", "cues", "places", "seen"], ["link"], out / "linker.onnx")


if __name__ == "__main__":
    app()
