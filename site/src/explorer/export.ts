/** A picture of the page as a file of its own: SVG with its colours written in, or PNG. */
import { button } from '../ui/button.js';
import { el, svg } from '../ui/dom.js';

/** Of each drawn element, what the page's styles say. */
const STYLES = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'dominant-baseline',
  'visibility',
] as const;
const MARGIN = 12;

/** All pictures inside `host` with their captions, placed as they are on the page, and light or dark as it is: a file has no scheme of its own. */
export function pictureOf(host: HTMLElement): SVGSVGElement {
  const frame = host.getBoundingClientRect();
  const [pictures, captions] = [Array.from(host.querySelectorAll('svg')), Array.from(host.querySelectorAll('figcaption'))];
  const boxes = [...pictures, ...captions].map((each) => each.getBoundingClientRect());
  const width = Math.ceil(Math.max(...boxes.map(({ right }) => right - frame.left)) + 2 * MARGIN);
  const height = Math.ceil(Math.max(...boxes.map(({ bottom }) => bottom - frame.top)) + 2 * MARGIN);
  const whole = svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height }, svg('rect', { width, height, fill: backgroundOf(host) }));
  const place = ({ left, top }: DOMRect): readonly [x: number, y: number] => [left - frame.left + MARGIN, top - frame.top + MARGIN];
  for (const picture of pictures) {
    const box = picture.getBoundingClientRect();
    const copy = picture.cloneNode(true) as SVGSVGElement;
    writeStyles(picture, copy);
    const [x, y] = place(box);
    for (const [name, value] of Object.entries({ x, y, width: box.width, height: box.height })) {
      copy.setAttribute(name, String(Math.round(value * 10) / 10));
    }
    whole.append(copy);
  }
  for (const caption of captions) {
    const box = caption.getBoundingClientRect();
    const [x, y] = place(box);
    const { color, fontFamily, fontSize } = getComputedStyle(caption);
    const text = svg(
      'text',
      { x, y: y + box.height - 6, fill: color, 'font-family': fontFamily, 'font-size': fontSize },
      caption.textContent ?? '',
    );
    whole.append(text);
  }
  return whole;
}

function backgroundOf(element: Element): string {
  for (let each: Element | null = element; each; each = each.parentElement) {
    const { backgroundColor } = getComputedStyle(each);
    if (backgroundColor !== 'rgba(0, 0, 0, 0)' && backgroundColor !== 'transparent') return backgroundColor;
  }
  return 'white';
}

/** A file has no style sheet, and no use for what the page reads by. */
function writeStyles(from: Element, to: Element): void {
  for (const { name } of Array.from(to.attributes)) {
    if (name === 'class' || name === 'role' || name === 'tabindex' || name.startsWith('aria-') || name.startsWith('data-'))
      to.removeAttribute(name);
  }
  to.removeAttribute('style');
  const styles = getComputedStyle(from);
  for (const name of STYLES) {
    const value = styles.getPropertyValue(name);
    if (value && value !== 'none' && value !== 'auto') to.setAttribute(name, value);
    else if (name === 'fill' || name === 'stroke') to.setAttribute(name, value);
  }
  if (styles.transform !== 'none') to.setAttribute('transform', styles.transform);
  Array.from(from.children).forEach((child, i) => {
    const copy = to.children[i];
    if (copy) writeStyles(child, copy);
  });
}

const textOf = (picture: SVGSVGElement): string => new XMLSerializer().serializeToString(picture);

function save(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  el('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Twice as fine as it is drawn. */
async function toPng(picture: SVGSVGElement): Promise<Blob> {
  const [width, height] = [Number(picture.getAttribute('width')), Number(picture.getAttribute('height'))];
  const image = new Image(width * 2, height * 2);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(textOf(picture))}`;
  await image.decode();
  const canvas = el('canvas', { width: width * 2, height: height * 2 });
  canvas.getContext('2d')?.drawImage(image, 0, 0, width * 2, height * 2);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the browser makes no PNG of it'))), 'image/png');
  });
}

export function exportButtons(name: string, host: () => HTMLElement): HTMLElement {
  const file = `simdconv-${name}`;
  return el(
    'div',
    { class: 'exports row' },
    button('Save SVG', () => save(`${file}.svg`, new Blob([textOf(pictureOf(host()))], { type: 'image/svg+xml' })), { class: 'quiet' }),
    button('Save PNG', () => void toPng(pictureOf(host())).then((blob) => save(`${file}.png`, blob)), { class: 'quiet' }),
  );
}
