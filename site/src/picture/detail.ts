/** One part of several pictures of the same size, enlarged, side by side. */
import { el } from '../ui/dom.js';
import { slider } from '../ui/fields.js';
import { type Shown, shownPicture } from './paint.js';
import { cropped, type Pixels } from './pixels.js';

const [WIDE, HIGH] = [96, 64];

export interface Details<Name extends string> {
  readonly element: HTMLElement;
  show(name: Name, pixels: Pixels, caption: string): void;
}

export function details<Name extends string>(titles: Readonly<Record<Name, string>>): Details<Name> {
  const names = Object.keys(titles) as Name[];
  const views = new Map<Name, Shown>(names.map((name) => [name, shownPicture(titles[name], titles[name], true)]));
  const pictures = new Map<Name, { readonly pixels: Pixels; readonly caption: string }>();
  const place = { across: 0.12, down: 0.38 };

  const draw = (name: Name): void => {
    const [view, picture] = [views.get(name), pictures.get(name)];
    if (!view || !picture) return;
    const { pixels, caption } = picture;
    const part = cropped(
      pixels,
      Math.round(place.across * (pixels.width - WIDE)),
      Math.round(place.down * (pixels.height - HIGH)),
      WIDE,
      HIGH,
    );
    view.show(part, `A part of the picture, ${caption}`);
    view.caption.textContent = caption;
  };
  const mover = (label: string, axis: keyof typeof place) =>
    slider({
      ...{ label, min: 0, max: 100, value: Math.round(100 * place[axis]), show: (value: number) => `${value} %` },
      onChange(value) {
        place[axis] = value / 100;
        names.forEach(draw);
      },
    }).element;
  return {
    element: el(
      'div',
      { class: 'details' },
      el(
        'div',
        { class: 'pictures' },
        [...views.values()].map(({ element }) => element),
      ),
      el('div', { class: 'movers' }, mover('Look further right', 'across'), mover('Look further down', 'down')),
    ),
    show(name, pixels, caption) {
      pictures.set(name, { pixels, caption });
      draw(name);
    },
  };
}
