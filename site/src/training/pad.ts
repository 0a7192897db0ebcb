/** A pad to draw on, by pointer or by keys. */
import { button } from '../ui/button.js';
import { el, uniqueId } from '../ui/dom.js';
import { liveRegion } from '../ui/live.js';
import type { Point, Stroke } from './strokes.js';

const SIZE = 280;
/** How far an arrow key moves the pen, and half of the width of its line. */
const [STEP, RADIUS] = [14, 9];

export interface Pad {
  readonly element: HTMLElement;
  clear(): void;
}

export function drawingPad(onChange: (strokes: readonly Stroke[]) => void): Pad {
  const help = uniqueId('help');
  const canvas = el('canvas', {
    ...{ width: SIZE, height: SIZE, class: 'pad', tabindex: 0, role: 'application' },
    'aria-label': 'Pad to draw a digit on',
    'aria-describedby': help,
  });
  const live = liveRegion();
  let strokes: Point[][] = [];
  let pen: Point = { x: SIZE / 2, y: SIZE / 2 };
  let isDown = false;
  let hasKeys = false;

  const draw = (): void => {
    const context = canvas.getContext('2d');
    if (!context) return;
    context.fillStyle = '#fff';
    context.fillRect(0, 0, SIZE, SIZE);
    Object.assign(context, { strokeStyle: '#111', lineWidth: 2 * RADIUS, lineCap: 'round', lineJoin: 'round' });
    for (const [first, ...others] of strokes) {
      if (!first) continue;
      context.beginPath();
      context.moveTo(first.x, first.y);
      context.lineTo(first.x, first.y);
      for (const { x, y } of others) context.lineTo(x, y);
      context.stroke();
    }
    if (hasKeys) {
      Object.assign(context, { strokeStyle: isDown ? '#a81e2d' : '#14589c', lineWidth: 3 });
      context.strokeRect(pen.x - RADIUS, pen.y - RADIUS, 2 * RADIUS, 2 * RADIUS);
    }
  };
  const changed = (): void => {
    draw();
    onChange(strokes);
  };
  const add = (point: Point, isFirst: boolean): void => {
    pen = point;
    if (isFirst) strokes.push([point]);
    else strokes.at(-1)?.push(point);
    changed();
  };
  const clear = (): void => {
    strokes = [];
    isDown = false;
    changed();
  };

  const pointOf = ({ clientX, clientY }: PointerEvent): Point => {
    const box = canvas.getBoundingClientRect();
    return { x: ((clientX - box.left) / box.width) * SIZE, y: ((clientY - box.top) / box.height) * SIZE };
  };
  canvas.addEventListener('pointerdown', (event) => {
    hasKeys = false;
    canvas.setPointerCapture(event.pointerId);
    add(pointOf(event), true);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) add(pointOf(event), false);
  });

  const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };
  canvas.addEventListener('keydown', (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow && ![' ', 'Delete', 'Backspace'].includes(event.key)) return;
    event.preventDefault();
    hasKeys = true;
    if (arrow) {
      const inside = (value: number): number => Math.min(SIZE - STEP, Math.max(STEP, value));
      const next = { x: inside(pen.x + STEP * arrow[0]), y: inside(pen.y + STEP * arrow[1]) };
      if (isDown) add(next, false);
      else {
        pen = next;
        draw();
      }
    } else if (event.key === ' ') {
      isDown = !isDown;
      live.say(isDown ? 'Pen down' : 'Pen up');
      if (isDown) add(pen, true);
      else draw();
    } else clear();
  });
  canvas.addEventListener('focus', draw);
  canvas.addEventListener('blur', () => {
    [hasKeys, isDown] = [false, false];
    draw();
  });
  draw();
  return {
    element: el(
      'div',
      { class: 'pad-box' },
      canvas,
      el(
        'p',
        { id: help, class: 'soft' },
        'Draw with a pointer. Or by keys: arrows move the pen, Space puts it down or lifts it, Delete clears.',
      ),
      el('div', { class: 'row' }, button('Clear', clear)),
      live.element,
    ),
    clear,
  };
}
