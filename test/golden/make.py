"""
Makes the golden vectors: what PyTorch computes for each operation and each of its gradients.

    apt-get install python3-torch        (Debian 12: PyTorch 1.13)
    /usr/bin/python3 test/golden/make.py

writes test/golden/<op>.json, the same bytes on every run. Options are spelled as simdconv spells them; `torch_conv` and
`torch_transpose` say what that means in PyTorch.

Numbers. Operands are random multiples of 2^-16 in [-1, 1], so they are exact in float32, and are stored as integers. PyTorch computes in
float64, where the sums of their products are exact: results are multiples of 2^-34 and are stored as integers too. So the files hold the true
values, and all of a library's difference from them is its own rounding. Gradients are autograd's, from a random upstream gradient.
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F

OPERAND_BITS = 16
RESULT_BITS = 34  # products of operands, and room for a slope of 1/4
FOLDER = pathlib.Path(__file__).parent

CONV = [F.conv1d, F.conv2d, F.conv3d]
MODULE = [torch.nn.Conv1d, torch.nn.Conv2d, torch.nn.Conv3d]
TRANSPOSE = [F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d]


def randoms(*shape):
    return torch.randint(-(2**OPERAND_BITS), 2**OPERAND_BITS + 1, shape).double() / 2**OPERAND_BITS


def stored(tensor, bits):
    scaled = tensor.detach().double() * 2**bits
    assert torch.equal(scaled, scaled.round()) and scaled.abs().max() < 2**53, "not exact"
    return {"shape": list(tensor.shape), "data": [int(v) for v in scaled.flatten().tolist()]}


def operand(tensor):
    return stored(tensor, OPERAND_BITS)


def result(tensor):
    return stored(tensor, RESULT_BITS)


def per_axis(value, axes):
    return list(value) if isinstance(value, (list, tuple)) else [value] * axes


def dilated(kernel, dilation):
    return dilation * (kernel - 1) + 1


def split(total, word):
    small, large = total // 2, total - total // 2
    return (large, small) if word == "same-lower" else (small, large)


def pads_of(padding, axes, rule):
    """[before, after] of each axis; `rule` finds those of a word."""
    words = {"valid": lambda _: (0, 0), **{word: lambda axis, word=word: rule(word, axis) for word in ("same", "same-lower", "causal")}}
    return [
        words[each](axis) if isinstance(each, str) else tuple(each) if isinstance(each, list) else (each, each)
        for axis, each in enumerate(per_axis(padding, axes))
    ]


def flat(pads):
    """F.pad lists the last axis first."""
    return [side for pair in reversed(pads) for side in pair]


def torch_conv(x, w, b, options):
    axes = w.dim() - 2
    stride, dilation = (per_axis(options.get(name, 1), axes) for name in ("stride", "dilation"))
    common = {"stride": stride, "dilation": dilation, "groups": options.get("groups", 1)}
    padding = options.get("padding", 0)
    if padding == "same" and max(stride) == 1 and "padMode" not in options:
        return CONV[axes - 1](x, w, b, padding="same", **common)  # PyTorch's own rule
    size, kernel = x.shape[-axes:], w.shape[2:]

    def rule(word, a):
        reach = dilated(kernel[a], dilation[a])
        if word == "causal":
            return (reach - 1, 0)
        return split(max(0, (math.ceil(size[a] / stride[a]) - 1) * stride[a] + reach - size[a]), word)  # TensorFlow's

    pads = pads_of(padding, axes, rule)
    if "padMode" in options:
        return continued(x, w, b, pads, options["padMode"], common)
    if all(before == after >= 0 for before, after in pads):
        return CONV[axes - 1](x, w, b, padding=[before for before, _ in pads], **common)
    return CONV[axes - 1](F.pad(x, flat(pads)), w, b, **common)


def continued(x, w, b, pads, mode, common):
    axes = w.dim() - 2
    if any(before != after or before < 0 for before, after in pads):  # which modules do not have: crop, continue, convolve
        x = F.pad(x, [min(0, side) for side in flat(pads)])
        return CONV[axes - 1](F.pad(x, [max(0, side) for side in flat(pads)], mode=mode), w, b, **common)
    channels = w.shape[1] * common["groups"]
    module = MODULE[axes - 1](channels, w.shape[0], w.shape[2:], padding=[before for before, _ in pads], padding_mode=mode, **common)
    del module.weight, module.bias
    module.weight, module.bias = w, b
    return module(x)


def torch_transpose(x, w, b, options):
    axes = w.dim() - 2
    stride, dilation, extra = (per_axis(options.get(*name), axes) for name in (("stride", 1), ("dilation", 1), ("outputPadding", 0)))
    size, kernel = x.shape[-axes:], w.shape[2:]

    wanted = per_axis(options.get("outputSize"), axes)

    def rule(word, a):
        excess = (size[a] - 1) * stride[a] + dilated(kernel[a], dilation[a]) - (wanted[a] or size[a] * stride[a])
        before = 0 if word == "causal" else split(max(0, excess), word)[0]  # what the forward conv pads
        return (before, excess - before)

    pads = pads_of(options.get("padding", 0), axes, rule)

    def extent(a):
        return (size[a] - 1) * stride[a] - sum(pads[a]) + dilated(kernel[a], dilation[a])

    if "outputSize" in options:
        extra = [wanted[a] - extent(a) for a in range(axes)]
    common = {"stride": stride, "dilation": dilation, "groups": options.get("groups", 1), "output_padding": extra}
    if all(before == after >= 0 for before, after in pads):
        return TRANSPOSE[axes - 1](x, w, b, padding=[before for before, _ in pads], **common)
    whole = TRANSPOSE[axes - 1](x, w, None, **common)  # unequal pads crop unequally, negative ones add zeros
    return F.pad(whole, [-side for side in flat(pads)]) + b.reshape([-1] + [1] * axes)


def activated(y, activation):
    if activation is None:
        return y
    if activation == "relu":
        return F.relu(y)
    if activation == "relu6":
        return F.relu6(y)
    return F.leaky_relu(y, activation["leakyRelu"])


def channels_last(tensor, axes):
    """[..., C, ...space] to [..., ...space, C]; a weight [A, B, ...k] to [...k, B, A] is `weight_last`."""
    return tensor.movedim(-axes - 1, -1).contiguous()


def weight_last(weight):
    return weight.movedim((1, 0), (-2, -1)).contiguous()


def conv_case(name, compute, x_shape, w_shape, options=None, bias=True):
    options = options or {}
    axes = len(w_shape) - 2
    transposed = compute is torch_transpose
    out_channels = w_shape[1] * options.get("groups", 1) if transposed else w_shape[0]
    x, w = randoms(*x_shape).requires_grad_(), randoms(*w_shape).requires_grad_()
    b = randoms(out_channels).requires_grad_() if bias else torch.zeros(out_channels, dtype=torch.double, requires_grad=True)
    y = compute(x, w, b, options)
    dy = randoms(*y.shape)
    y.backward(dy)
    last = options.get("layout") == "channels-last"
    image = (lambda t: channels_last(t, axes)) if last else (lambda t: t)
    weight = weight_last if last else (lambda t: t)
    return {
        "name": name,
        "options": options,
        "input": operand(image(x)),
        "weight": operand(weight(w)),
        **({"bias": operand(b)} if bias else {}),
        "output": result(image(activated(y, options.get("activation")))),
        "gradOutput": operand(image(dy)),
        "gradInput": result(image(x.grad)),
        "gradWeight": result(weight(w.grad)),
        "gradBias": result(b.grad),
    }


def conv(name, x_shape, w_shape, options=None, bias=True):
    return conv_case(name, torch_conv, x_shape, w_shape, options, bias)


def transpose(name, x_shape, w_shape, options=None, bias=True):
    return conv_case(name, torch_transpose, x_shape, w_shape, options, bias)


def torch_unfold(x, kernel, padding=0, **options):
    pads = [(p, p) for p in per_axis(padding, 2)]
    if all(before >= 0 for before, _ in pads):
        return F.unfold(x, kernel, padding=padding, **options)
    return F.unfold(F.pad(x, flat(pads)), kernel, **options)


def torch_fold(columns, size, kernel, padding=0, **options):
    pads = [(p, p) for p in per_axis(padding, 2)]
    if all(before >= 0 for before, _ in pads):
        return F.fold(columns, size, kernel, padding=padding, **options)
    whole = F.fold(columns, [s + 2 * p for s, (p, _) in zip(size, pads)], kernel, **options)
    return F.pad(whole, [-side for side in flat(pads)])


def unfold(name, x_shape, kernel, options=None):
    options = options or {}
    x = randoms(*x_shape).requires_grad_()
    y = torch_unfold(x, kernel, **options)
    dy = randoms(*y.shape)
    y.backward(dy)
    return {
        "name": name,
        "options": options,
        "kernelSize": kernel,
        "input": operand(x),
        "output": result(y),
        "gradOutput": operand(dy),
        "gradInput": result(x.grad),
    }


def fold(name, columns_shape, size, kernel, options=None):
    options = options or {}
    columns = randoms(*columns_shape).requires_grad_()
    y = torch_fold(columns, size, kernel, **options)
    dy = randoms(*y.shape)
    y.backward(dy)
    return {
        "name": name,
        "options": options,
        "kernelSize": kernel,
        "outputSize": size,
        "input": operand(columns),
        "output": result(y),
        "gradOutput": operand(dy),
        "gradInput": result(columns.grad),
    }


def matmul(name, a_shape, b_shape, options=None, bias=False):
    options = options or {}
    a, b = randoms(*a_shape), randoms(*b_shape)
    left = a.transpose(-1, -2) if options.get("transposeA") else a
    right = b.transpose(-1, -2) if options.get("transposeB") else b
    v = randoms(right.shape[-1])
    c = torch.matmul(left, right) + (v if bias else 0)
    return {
        "name": name,
        "options": options,
        "input": operand(a),
        "weight": operand(b),
        **({"bias": operand(v)} if bias else {}),
        "output": result(activated(c, options.get("activation"))),
    }


def cases():
    """Every size differs from 1 and from its neighbour somewhere."""
    last = {"layout": "channels-last"}
    return {
        "conv1d": [
            conv("plain", (2, 3, 11), (4, 3, 5)),
            conv("unbatched", (3, 9), (5, 3, 4), {"padding": 2}),
            conv("stride 3, 2 rows left over", (2, 3, 13), (4, 3, 5), {"stride": 3}),
            conv("dilation 3, uneven pads", (2, 2, 14), (3, 2, 4), {"dilation": 3, "padding": [[1, 4]]}),
            conv("groups 2, stride 2, dilation 2", (2, 6, 16), (4, 3, 3), {"groups": 2, "stride": 2, "dilation": 2, "padding": 1}),
            conv("depthwise", (3, 5, 12), (5, 1, 4), {"groups": 5, "padding": 2, "stride": 2}),
            conv("same", (2, 3, 10), (4, 3, 4), {"padding": "same"}),
            conv("same, stride 3", (2, 3, 11), (4, 3, 5), {"padding": "same", "stride": 3}),
            conv("channels last, leaky relu", (2, 4, 9), (6, 2, 3), {**last, "groups": 2, "padding": 1, "activation": {"leakyRelu": 0.25}}),
        ],
        "conv2d": [
            conv("plain", (2, 3, 7, 9), (4, 3, 2, 3)),
            conv("without bias", (1, 3, 5, 6), (2, 3, 3, 2), {}, bias=False),
            conv("unbatched", (3, 6, 8), (4, 3, 3, 5), {"padding": [1, 2]}),
            conv("1x1", (2, 5, 4, 6), (7, 5, 1, 1)),
            conv("1x1, stride 2", (2, 5, 7, 6), (3, 5, 1, 1), {"stride": 2}),
            conv("stride 2, 1 row and 0 columns left over", (2, 3, 8, 9), (4, 3, 3, 3), {"stride": 2}),
            conv("unequal strides, both axes left over", (2, 3, 11, 13), (4, 3, 3, 4), {"stride": [3, 5], "padding": [1, 2]}),
            conv("unequal paddings", (2, 2, 5, 7), (3, 2, 4, 5), {"padding": [3, 1]}),
            conv("uneven pads", (2, 3, 6, 7), (4, 3, 3, 4), {"padding": [[0, 2], [3, 1]]}),
            conv("uneven pads, stride 2", (2, 3, 6, 8), (4, 3, 3, 5), {"padding": [[2, 1], [0, 3]], "stride": 2}),
            conv("dilation", (2, 3, 9, 11), (4, 3, 3, 4), {"dilation": [2, 3]}),
            conv("dilation, stride, left over", (2, 3, 12, 14), (4, 3, 3, 2), {"dilation": [2, 4], "stride": [2, 3], "padding": [1, 0]}),
            conv("groups 3", (2, 6, 7, 5), (9, 2, 3, 2), {"groups": 3, "padding": 1}),
            conv("groups 2, stride, dilation, left over", (2, 4, 10, 13), (6, 2, 3, 2), {"groups": 2, "stride": [2, 3], "dilation": [2, 1], "padding": [1, 0]}),
            conv("depthwise", (2, 6, 8, 7), (6, 1, 3, 3), {"groups": 6, "padding": 1}),
            conv("depthwise, stride 2, left over", (2, 5, 9, 8), (5, 1, 3, 2), {"groups": 5, "stride": 2, "padding": [0, 1]}),
            conv("depth multiplier 3", (2, 4, 6, 7), (12, 1, 3, 3), {"groups": 4, "padding": 1}),
            conv("depth multiplier 2, dilation 2", (2, 3, 8, 9), (6, 1, 3, 2), {"groups": 3, "dilation": 2, "padding": [2, 1]}),
            conv("same, even kernel", (2, 3, 6, 7), (4, 3, 4, 2), {"padding": "same"}),
            conv("same, stride 2", (2, 3, 7, 8), (4, 3, 3, 5), {"padding": "same", "stride": 2}),
            conv("same-lower, stride 2", (2, 3, 7, 8), (4, 3, 4, 3), {"padding": "same-lower", "stride": [2, 3]}),
            conv("kernel larger than input", (2, 3, 3, 2), (4, 3, 5, 6), {"padding": [2, 3]}),
            conv("relu", (2, 3, 6, 5), (4, 3, 3, 2), {"activation": "relu"}),
            conv("relu6", (2, 8, 6, 5), (4, 8, 3, 3), {"activation": "relu6"}),
            conv("channels last", (2, 3, 7, 8), (5, 3, 3, 2), {**last, "padding": [[1, 2], [0, 1]], "stride": [2, 1]}),
            conv("channels last, depth multiplier", (2, 3, 7, 6), (6, 1, 3, 2), {**last, "groups": 3, "padding": 1, "dilation": [1, 2]}),
            conv("k = 450", (1, 18, 7, 8), (3, 18, 5, 5), {"padding": 1}),
        ],
        "conv3d": [
            conv("plain", (2, 2, 4, 5, 6), (3, 2, 2, 3, 4)),
            conv("unbatched, unequal paddings", (2, 4, 5, 3), (3, 2, 3, 4, 2), {"padding": [1, 2, 0]}),
            conv("unequal strides, left over", (1, 2, 7, 8, 9), (3, 2, 2, 3, 4), {"stride": [2, 3, 4], "padding": [0, 1, 2]}),
            conv("dilation", (1, 2, 6, 7, 8), (3, 2, 2, 3, 2), {"dilation": [3, 2, 4], "padding": [[0, 1], [2, 0], [1, 1]]}),
            conv("groups 2, stride, dilation", (2, 4, 5, 6, 7), (6, 2, 2, 2, 3), {"groups": 2, "stride": [1, 2, 3], "dilation": [2, 1, 2], "padding": [1, 0, 2]}),
            conv("depthwise", (2, 3, 4, 5, 6), (3, 1, 3, 2, 3), {"groups": 3, "padding": 1}),
            conv("same", (1, 2, 4, 5, 6), (3, 2, 3, 2, 4), {"padding": "same"}),
            conv("channels last, same, stride 2", (1, 2, 5, 4, 6), (3, 2, 3, 2, 4), {**last, "padding": "same", "stride": 2}),
        ],
        "convTranspose1d": [
            transpose("plain", (2, 3, 7), (3, 4, 5)),
            transpose("unbatched", (3, 6), (3, 5, 4), {"stride": 2, "padding": 1}),
            transpose("stride 3, outputPadding 2", (2, 3, 5), (3, 4, 4), {"stride": 3, "padding": 2, "outputPadding": 2}),
            transpose("outputPadding without padding: zeros", (2, 3, 4), (3, 2, 3), {"stride": 4, "outputPadding": 3}),
            transpose("dilation 3, uneven pads", (2, 2, 7), (2, 3, 4), {"dilation": 3, "padding": [[4, 1]]}),
            transpose("groups 2", (2, 6, 8), (6, 2, 3), {"groups": 2, "stride": 2, "dilation": 2, "padding": 1, "outputPadding": 1}),
            transpose("depthwise", (3, 5, 6), (5, 1, 4), {"groups": 5, "stride": 2, "padding": 1}),
            transpose("outputSize", (2, 3, 5), (3, 4, 3), {"stride": 3, "padding": 1, "outputSize": 14}),
            transpose("channels last, relu", (2, 4, 5), (4, 3, 3), {**last, "groups": 2, "stride": 2, "activation": "relu"}),
        ],
        "convTranspose2d": [
            transpose("plain", (2, 3, 4, 5), (3, 4, 2, 3)),
            transpose("without bias", (1, 3, 4, 5), (3, 2, 3, 2), {}, bias=False),
            transpose("unbatched", (3, 4, 5), (3, 2, 3, 4), {"stride": [2, 1], "padding": [1, 2]}),
            transpose("1x1", (2, 5, 4, 6), (5, 3, 1, 1)),
            transpose("4x4 stride 2 padding 1", (2, 5, 4, 3), (5, 3, 4, 4), {"stride": 2, "padding": 1}),
            transpose("kernel smaller than stride", (2, 3, 4, 3), (3, 2, 2, 1), {"stride": 3}),
            transpose("outputPadding 1", (2, 3, 4, 5), (3, 4, 3, 3), {"stride": 2, "padding": 1, "outputPadding": 1}),
            transpose("unequal outputPadding", (2, 3, 4, 3), (3, 2, 3, 4), {"stride": [3, 4], "padding": [1, 2], "outputPadding": [2, 3]}),
            transpose("outputPadding below dilation", (2, 3, 4, 5), (3, 2, 2, 3), {"dilation": [3, 2], "outputPadding": [2, 1], "padding": [0, 1]}),
            transpose("outputPadding without padding: zeros", (2, 3, 3, 4), (3, 2, 2, 3), {"stride": [4, 3], "outputPadding": [3, 2]}),
            transpose("outputSize", (2, 3, 4, 5), (3, 2, 3, 2), {"stride": [2, 3], "padding": [1, 0], "outputSize": [8, 16]}),
            transpose("dilation", (2, 3, 4, 5), (3, 4, 3, 2), {"dilation": [2, 3], "padding": [1, 2]}),
            transpose("uneven pads", (2, 3, 5, 4), (3, 2, 3, 4), {"stride": 2, "padding": [[2, 0], [1, 3]]}),
            transpose("uneven pads, outputPadding", (2, 3, 5, 4), (3, 2, 3, 4), {"stride": [2, 3], "padding": [[0, 2], [3, 1]], "outputPadding": [1, 2]}),
            transpose("groups 3", (2, 6, 4, 5), (6, 3, 3, 2), {"groups": 3, "padding": 1}),
            transpose("groups 2, stride, dilation", (2, 4, 3, 5), (4, 3, 3, 2), {"groups": 2, "stride": [2, 3], "dilation": [2, 1], "padding": [1, 0], "outputPadding": [1, 0]}),
            transpose("depthwise", (2, 6, 4, 5), (6, 1, 3, 3), {"groups": 6, "stride": 2, "padding": 1, "outputPadding": [0, 1]}),
            transpose("depth multiplier 3", (2, 4, 3, 5), (4, 3, 3, 2), {"groups": 4, "stride": 2}),
            transpose("same, odd kernel, stride 2", (2, 3, 4, 5), (3, 2, 3, 5), {"padding": "same", "stride": 2}),
            transpose("same-lower, even kernel, stride 3", (2, 3, 4, 3), (3, 2, 4, 6), {"padding": "same-lower", "stride": 3}),
            transpose("same, kernel smaller than stride", (2, 3, 4, 3), (3, 2, 2, 1), {"padding": "same", "stride": [3, 2]}),
            transpose("padding crops more than the kernel", (2, 3, 6, 7), (3, 2, 2, 3), {"padding": [2, 3], "stride": [2, 1]}),
            transpose("relu6", (2, 8, 4, 3), (8, 3, 3, 3), {"activation": "relu6"}),
            transpose("channels last", (2, 3, 4, 5), (3, 4, 3, 2), {**last, "stride": [2, 1], "padding": [[0, 1], [1, 0]], "outputPadding": [1, 0]}),
            transpose("channels last, groups 2", (2, 4, 3, 5), (4, 3, 3, 2), {**last, "groups": 2, "stride": 2}),
        ],
        "convTranspose3d": [
            transpose("plain", (2, 2, 3, 4, 2), (2, 3, 2, 3, 4)),
            transpose("unbatched, unequal paddings", (2, 4, 3, 5), (2, 3, 3, 2, 4), {"padding": [2, 0, 1]}),
            transpose("unequal strides, outputPadding", (1, 2, 3, 2, 3), (2, 3, 2, 3, 4), {"stride": [2, 3, 4], "padding": [0, 1, 2], "outputPadding": [1, 2, 3]}),
            transpose("dilation, uneven pads", (1, 2, 3, 4, 3), (2, 3, 2, 3, 2), {"dilation": [3, 2, 4], "padding": [[0, 1], [2, 0], [1, 1]]}),
            transpose("groups 2", (2, 4, 3, 2, 4), (4, 3, 2, 2, 3), {"groups": 2, "stride": [1, 2, 3], "dilation": [2, 1, 2], "padding": [1, 0, 2]}),
            transpose("depthwise", (2, 3, 3, 2, 4), (3, 1, 3, 2, 3), {"groups": 3, "stride": 2, "padding": [1, 0, 1]}),
            transpose("channels last, same, stride 2", (1, 2, 3, 2, 4), (2, 3, 3, 2, 4), {**last, "padding": "same", "stride": 2}),
        ],
        "unfold": [
            unfold("plain", (2, 3, 5, 6), [2, 3]),
            unfold("stride, dilation, padding", (2, 3, 7, 8), [3, 2], {"stride": [2, 3], "dilation": [2, 3], "padding": [1, 2]}),
            unfold("left-over rows", (1, 2, 8, 9), [3, 4], {"stride": [4, 3]}),
        ],
        "fold": [
            fold("plain", (2, 18, 16), [5, 6], [2, 3]),
            fold("stride, dilation, padding", (2, 12, 8), [7, 9], [3, 2], {"stride": [2, 5], "dilation": [1, 3], "padding": [1, 2]}),
            fold("left-over rows", (1, 24, 4), [8, 9], [3, 4], {"stride": [4, 3]}),
        ],
        "matmul": [
            matmul("2-D", (5, 7), (7, 3)),
            matmul("bias, relu", (5, 7), (7, 6), {"activation": "relu"}, bias=True),
            matmul("transposeA", (9, 5), (9, 4), {"transposeA": True}),
            matmul("transposeB", (5, 9), (4, 9), {"transposeB": True}),
            matmul("both transposed", (9, 5), (4, 9), {"transposeA": True, "transposeB": True}, bias=True),
            matmul("batch", (3, 4, 5), (3, 5, 6)),
            matmul("batch against one matrix", (3, 2, 4, 5), (5, 6), {}, bias=True),
            matmul("one matrix against a batch", (4, 5), (2, 3, 5, 6)),
            matmul("broadcast both ways", (3, 1, 4, 5), (2, 5, 6)),
            matmul("broadcast, transposed", (2, 1, 5, 4), (3, 6, 5), {"transposeA": True, "transposeB": True}),
            matmul("k = 300", (6, 300), (300, 9)),
        ],
    }


def padded_cases():
    """Negative pads, causal ones, and inputs that their own values continue. With numbers of their own, so that those of `cases` stay what they are."""
    last = {"layout": "channels-last"}
    return {
        "conv1d": [
            conv("negative padding", (2, 3, 11), (4, 3, 3), {"padding": [[-2, -1]], "stride": 2}),
            conv("a crop before, a pad after", (2, 4, 9), (4, 2, 4), {"padding": [[-3, 2]], "groups": 2, "dilation": 2}),
            conv("reflect", (2, 3, 8), (4, 3, 3), {"padMode": "reflect", "padding": 3}),
            conv("replicate, more than the input", (1, 4, 3), (4, 2, 4), {"padMode": "replicate", "padding": 5, "groups": 2, "stride": 2}),
            conv("circular, all of the input", (2, 3, 5), (2, 3, 4), {"padMode": "circular", "padding": 5, "dilation": 2}),
            conv("reflect, causal", (1, 2, 7), (3, 2, 4), {"padMode": "reflect", "padding": "causal"}),
            conv("causal, stride, dilation", (2, 3, 10), (4, 3, 3), {"padding": "causal", "stride": 2, "dilation": 2}),
        ],
        "conv2d": [
            conv("negative padding", (2, 2, 8, 9), (3, 2, 3, 2), {"padding": [-1, -2]}),
            conv("channels last, crops and pads", (1, 3, 7, 8), (4, 3, 3, 3), {**last, "padding": [[-2, 1], [2, -3]], "stride": [1, 2]}),
            conv("reflect", (2, 2, 5, 6), (3, 2, 3, 2), {"padMode": "reflect", "padding": [2, 1], "stride": [1, 2]}),
            conv("replicate, depthwise", (1, 4, 4, 5), (4, 1, 3, 3), {"padMode": "replicate", "padding": [1, 3], "groups": 4}),
            conv("circular, 3x3", (1, 3, 5, 4), (2, 3, 3, 3), {"padMode": "circular", "padding": 1}),
            conv("channels last, reflect, uneven", (1, 3, 5, 4), (2, 3, 3, 3), {**last, "padMode": "reflect", "padding": [[0, 2], [3, 1]]}),
            conv("channels last, circular, same", (1, 2, 4, 6), (3, 2, 3, 4), {**last, "padMode": "circular", "padding": "same"}),
            conv("circular beside crops", (1, 2, 6, 5), (3, 2, 2, 3), {"padMode": "circular", "padding": [[-2, 3], [1, -1]]}),
            conv("reflect beside crops", (1, 2, 7, 6), (3, 2, 2, 3), {"padMode": "reflect", "padding": [[-2, 3], [3, -1]]}),
            conv("causal in time, same in space", (1, 2, 6, 7), (3, 2, 3, 4), {"padding": ["causal", "same"], "stride": [1, 2]}),
        ],
        "conv3d": [
            conv("crops and pads", (1, 2, 5, 4, 6), (2, 2, 2, 3, 2), {"padding": [[-1, 0], [1, -1], [-2, 1]]}),
            conv("reflect", (1, 2, 3, 4, 3), (2, 2, 2, 3, 2), {"padMode": "reflect", "padding": [1, 2, 1]}),
            conv("channels last, replicate", (1, 2, 2, 3, 4), (2, 2, 2, 2, 3), {**last, "padMode": "replicate", "padding": [2, 1, 1], "stride": 2}),
            conv("circular", (1, 2, 3, 2, 4), (2, 2, 2, 2, 3), {"padMode": "circular", "padding": [1, 2, 1]}),
        ],
        "convTranspose1d": [
            transpose("negative padding", (2, 3, 4), (3, 2, 3), {"padding": [[-2, -1]], "stride": 2, "outputPadding": 1}),
            transpose("causal", (2, 3, 5), (3, 2, 4), {"padding": "causal", "stride": 2}),
            transpose("causal, kernel smaller than stride", (1, 3, 4), (3, 2, 2), {"padding": ["causal"], "stride": 3}),
            transpose("same, outputSize", (1, 3, 4), (3, 2, 4), {"padding": "same", "stride": 3, "outputSize": 11}),
        ],
        "convTranspose2d": [
            transpose("negative padding", (1, 2, 3, 4), (2, 3, 2, 3), {"padding": [-1, -2], "stride": [2, 1]}),
            transpose("channels last, longer and shorter", (1, 4, 3, 4), (4, 2, 3, 2), {**last, "groups": 2, "padding": [[-2, 1], [1, -1]]}),
            transpose("causal and same-lower, outputSize", (1, 2, 3, 4), (2, 2, 3, 4), {"padding": ["causal", "same-lower"], "stride": [2, 3], "outputSize": [5, 11]}),
        ],
        "convTranspose3d": [transpose("longer and shorter", (1, 2, 2, 3, 2), (2, 2, 2, 2, 3), {"padding": [[-1, 0], [1, -1], [-2, 1]]})],
        "unfold": [unfold("negative padding", (1, 2, 8, 7), [2, 3], {"padding": [-1, -2]})],
        "fold": [fold("negative padding", (1, 12, 15), [8, 9], [2, 3], {"padding": [-1, -2]})],
    }


def main():
    torch.manual_seed(1603)
    everything = cases()
    torch.manual_seed(2007)
    for op, made in padded_cases().items():
        everything[op] += made
    for op, made in everything.items():
        head = {"torch": torch.__version__, "operandBits": OPERAND_BITS, "resultBits": RESULT_BITS}
        lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in made)
        text = json.dumps(head, separators=(",", ":"))[:-1] + ',"cases":[\n' + lines + "\n]}\n"
        (FOLDER / f"{op}.json").write_text(text)
        print(f"{op:16} {len(made):3} cases {len(text):8} bytes")


if __name__ == "__main__":
    main()
