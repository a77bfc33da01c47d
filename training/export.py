"""Turn PyTorch networks into the int8 ONNX files that the package ships.

python -m training.export encoder --out build/encoder
python -m training.export detector --network build/detector/network.pt --out build/detector
"""

import copy
import shutil
from collections.abc import Callable
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
_HEADS = ("quote_head", "name_head", "piece_head", "cue_head", "apart")
"""Kept in full precision: they are small, and names lose half a point of F1 without it."""
_N_OUTLYING = 16
_LARGE = 8_000_000
"""Bytes from which a tensor goes into a file of its own: the word vectors."""


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


class _Split(nn.Module):
    """A linear layer whose outlying inputs are multiplied on their own, in full precision."""

    def __init__(self, layer: nn.Linear, outlying: Tensor) -> None:
        super().__init__()
        self.main, self.outlying = layer, outlying
        self.kept = torch.ones(layer.in_features).index_fill(0, outlying, 0.0)
        self.apart = nn.Linear(len(outlying), layer.out_features, bias=False)
        self.apart.weight.data = layer.weight.data[:, outlying].clone()

    def forward(self, states: Tensor) -> Tensor:
        result: Tensor = self.main(states * self.kept) + self.apart(states.index_select(-1, self.outlying))
        return result


def split_outliers(network: nn.Module, run: Callable[[nn.Module], object]) -> nn.Module:
    """Return a copy in which the outlying inputs of each feed-forward layer, as seen while `run` uses it, keep full precision.

    One scale serves all inputs of a layer in int8, and a few of them are a hundred times as large as the rest, for a few pieces.
    Source: Dettmers et al., "LLM.int8()", NeurIPS 2022, with the same channels for every input.
    """
    network = copy.deepcopy(network).eval()
    layers = {name: layer for name, layer in network.named_modules() if isinstance(layer, nn.Linear) and name.endswith(".dense")}
    largest = {name: torch.zeros(layer.in_features) for name, layer in layers.items()}

    def watch(name: str) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
        def note(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            largest[name] = torch.maximum(largest[name], inputs[0].abs().flatten(0, -2).amax(0))

        return note

    hooks = [layer.register_forward_pre_hook(watch(name)) for name, layer in layers.items()]
    run(network)
    for hook in hooks:
        hook.remove()
    for name, layer in layers.items():
        outlying = largest[name].topk(min(_N_OUTLYING, len(largest[name]) // 2)).indices.sort().values
        network.set_submodule(name, _Split(layer, outlying))
    return network


def export_reader(network: nn.Module, out: Path) -> None:
    """Write the network that reads statements for the stance model, its word vectors in a file of their own beside it.

    Neither file is larger than what hosts of repositories take, and workers share the vectors' pages.
    """
    ids, _, mask = _arguments()
    types = torch.zeros_like(ids)
    types[:, 5:20] = 1
    export(network, (ids, types, mask), ["ids", "types", "mask"], ["logits"], out)
    vectors = out.with_suffix(".vectors")
    vectors.unlink(missing_ok=True)
    onnx.save_model(onnx.load(out), out, save_as_external_data=True, location=vectors.name, size_threshold=_LARGE, convert_attribute=False)


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
