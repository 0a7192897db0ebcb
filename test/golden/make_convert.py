"""
Makes the vectors of the PyTorch side: what torch.nn's layers compute, in their own words.

    apt-get install python3-torch        (Debian 12: PyTorch 1.13)
    /usr/bin/python3 test/golden/make_convert.py

writes test/golden/convert.json, the same bytes on every run. All numbers are small and whole, so that float32 holds every sum exactly.
"""

import json
import pathlib

import torch

FOLDER = pathlib.Path(__file__).parent


def case(name, op, space, output_size=None, **args):
    layer = getattr(torch.nn, op)(**args)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(torch.randint(-4, 5, parameter.shape).float())
        x = torch.randint(-4, 5, (1, args["in_channels"], *space)).float()
        y = layer(x) if output_size is None else layer(x, output_size=output_size)
    told = {**args, **({} if output_size is None else {"output_size": output_size})}
    ints = lambda tensor: {"shape": list(tensor.shape), "data": [int(v) for v in tensor.flatten().tolist()]}
    bias = None if layer.bias is None else ints(layer.bias)["data"]
    return {"name": name, "op": op, "args": told, "x": ints(x), "w": ints(layer.weight), "bias": bias, "y": ints(y)}


def both(axes):
    channels = dict(in_channels=2, out_channels=3)
    space = [4, 3, 3][:axes]
    k = [3, 2, 2][:axes]
    conv, transposed = f"Conv{axes}d", f"ConvTranspose{axes}d"
    yield case("plain", conv, space, kernel_size=k, **channels)
    yield case("strided and padded", conv, space, kernel_size=k, stride=2, padding=1, **channels)
    yield case("dilated", conv, space, kernel_size=2, dilation=[2, 3, 2][:axes], padding=1, stride=2, **channels)
    yield case("same with an even kernel", conv, space, kernel_size=[4, 3, 2][:axes], padding="same", **channels)
    yield case("grouped", conv, space, kernel_size=k, groups=2, in_channels=4, out_channels=2, bias=False)
    yield case("depthwise with a multiplier", conv, space, kernel_size=k, groups=3, in_channels=3, out_channels=6)
    yield case("plain", transposed, space, kernel_size=k, **channels)
    yield case("output padding", transposed, space, kernel_size=k, stride=3, padding=1, output_padding=2, **channels)
    yield case("output padding that windows reach", transposed, space, kernel_size=4, stride=2, padding=2, output_padding=1, **channels)
    yield case("output padding below the dilation", transposed, space, kernel_size=2, dilation=3, output_padding=2, **channels)
    yield case("output size", transposed, space, [2 * size for size in space], kernel_size=3, stride=2, padding=1, **channels)
    yield case("grouped", transposed, space, kernel_size=k, stride=2, groups=2, in_channels=4, out_channels=2, bias=False)
    yield case("depthwise", transposed, space, kernel_size=k, stride=2, padding=1, groups=3, in_channels=3, out_channels=6)


def borders():
    for mode in ("reflect", "replicate", "circular"):
        yield case(mode, "Conv2d", [5, 4], kernel_size=3, padding=[2, 1], padding_mode=mode, in_channels=1, out_channels=2)


torch.manual_seed(0)
cases = [each for axes in (1, 2, 3) for each in both(axes)] + list(borders())
lines = ",\n".join(json.dumps(each, separators=(",", ":")) for each in cases)
(FOLDER / "convert.json").write_text(f"[\n{lines}\n]\n")
