/**
 * The column matrix of an image, never stored: entry (row, position) is the value of x that a tap of the kernel meets at a position of y, or a zero
 * in the padding. A row is a (channel, tap) pair: channel-major in channels-first, tap-major in channels-last, as the weight has them.
 *
 * Two walks go along a line of it, each the way in which x is contiguous. A line is filled from x (im2col), or added into x (col2im).
 */
import { Element } from '../base/element';
import { Geometry } from '../base/geometry';
import { addRun, bytes, copyRun, zeroRun } from '../base/runs';

/** Along positions [from, to) at one channel (x points to its plane) and tap. */
export function walkPositions(g: Geometry, x: usize, tap: i32, from: i32, to: i32, line: usize, scatter: bool): void {
  const kernelArea = g.kernelHeight * g.kernelWidth;
  const width = g.yWidth;
  const height = g.yHeight;
  const strideWidth = g.strideWidth;
  // Position o meets x at o · stride + offset.
  const offsetDepth = (tap / kernelArea) * g.dilationDepth - g.padDepth;
  const offsetHeight = ((tap / g.kernelWidth) % g.kernelHeight) * g.dilationHeight - g.padHeight;
  const offsetWidth = (tap % g.kernelWidth) * g.dilationWidth - g.padWidth;
  // => inside for ow in [inside, outside), whatever the row
  const inside = offsetWidth < 0 ? (-offsetWidth - 1) / strideWidth + 1 : 0;
  const reach = <u32>(g.xWidth - 1 - offsetWidth) / <u32>strideWidth; // may pass 2^31: a pad and a width together
  const outside = offsetWidth < g.xWidth ? <i32>min<u32>(reach, <u32>width) + 1 : 0;
  const step = strideWidth * g.xSpace;

  let column = from % width;
  let row = (from / width) % height;
  let slice = from / (width * height);
  while (from < to) {
    const run = min(width - column, to - from);
    const depthAt = slice * g.strideDepth + offsetDepth;
    const heightAt = row * g.strideHeight + offsetHeight;
    if (<u32>depthAt < <u32>g.xDepth && <u32>heightAt < <u32>g.xHeight) {
      const begin = max(0, min(run, inside - column));
      const end = max(begin, min(run, outside - column));
      if (!scatter) {
        zeroRun(line, begin);
        zeroRun(line + bytes(end), run - end);
      }
      if (begin < end) {
        const at = (depthAt * g.xHeight + heightAt) * g.xWidth + (column + begin) * strideWidth + offsetWidth;
        moveRun(x + bytes(at * g.xSpace), step, line + bytes(begin), end - begin, scatter);
      }
    } else if (!scatter) zeroRun(line, run);
    line += bytes(run);
    from += run;
    column = 0;
    if (++row == height) {
      row = 0;
      slice++;
    }
  }
}

/**
 * Along rows [from, to) = tap · channels + channel at one position, where the channels of x (pointing to the group's first) are contiguous: a run is a kernel
 * row where that is one (few channels: 2 times as fast), else a tap.
 */
export function walkChannels(g: Geometry, x: usize, position: i32, from: i32, to: i32, line: usize, scatter: bool): void {
  if (from >= to) return; // a phase without taps has no rows
  const channels = g.xGroup;
  const across = g.tapsAcross;
  const whole = across * channels;
  const area = g.yHeight * g.yWidth;
  const originDepth = (position / area) * g.strideDepth - g.padDepth;
  const originHeight = ((position / g.yWidth) % g.yHeight) * g.strideHeight - g.padHeight;
  const originWidth = (position % g.yWidth) * g.strideWidth - g.padWidth;
  let run = from / whole;
  let start = from % whole;
  while (from < to) {
    const end = min(whole, start + to - from);
    const tap = run * across;
    const kernelRow = tap / g.kernelWidth;
    const depthAt = originDepth + (kernelRow / g.kernelHeight) * g.dilationDepth;
    const heightAt = originHeight + (kernelRow % g.kernelHeight) * g.dilationHeight;
    const widthAt = originWidth + (tap % g.kernelWidth) * g.dilationWidth;
    // => of the run's taps those in [inside, outside) meet x
    const inside = max(0, min(across, -widthAt));
    const outside = widthAt < g.xWidth ? min(across, g.xWidth - widthAt) : 0;
    if (<u32>depthAt < <u32>g.xDepth && <u32>heightAt < <u32>g.xHeight) {
      const first = max(start, min(end, inside * channels));
      const last = max(first, min(end, outside * channels));
      if (!scatter) {
        zeroRun(line, first - start);
        zeroRun(line + bytes(last - start), end - last);
      }
      if (first < last) {
        const at = ((depthAt * g.xHeight + heightAt) * g.xWidth + widthAt) * g.xSpace + first;
        moveRun(x + bytes(at), 1, line + bytes(first - start), last - first, scatter);
      }
    } else if (!scatter) zeroRun(line, end - start);
    line += bytes(end - start);
    from += end - start;
    start = 0;
    run++;
  }
}

/** Between a line and every `step`-th element of x. */
function moveRun(x: usize, step: i32, line: usize, count: i32, scatter: bool): void {
  if (step == 1) {
    if (scatter) addRun(x, line, count);
    else copyRun(line, x, count);
    return;
  }
  const stride = bytes(step);
  if (sizeof<Element>() == 4 && step == 2 && !scatter) {
    // Even elements of seven, none after the last is read.
    for (; count >= 4; count -= 4, line += 16, x += 32) v128.store(line, v128.shuffle<f32>(v128.load(x), v128.load(x, 12), 0, 2, 5, 7));
  }
  for (const end = line + bytes(count); line < end; line += sizeof<Element>(), x += stride) {
    if (scatter) store<Element>(x, load<Element>(x) + load<Element>(line));
    else store<Element>(line, load<Element>(x));
  }
}
