/** Elements with their attributes and children in one call. */

export type Child = Node | string | false | undefined;
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
type Children = readonly (Child | readonly Child[])[];

function fill<E extends Element>(element: E, attributes: Attributes, children: Children): E {
  for (const [name, value] of Object.entries(attributes)) {
    // As in HTML: an attribute without a value, or none.
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children.flat()) {
    if (child !== undefined && child !== false) element.append(child);
  }
  return element;
}

export const el = <T extends keyof HTMLElementTagNameMap>(
  tag: T,
  attributes: Attributes = {},
  ...children: Children
): HTMLElementTagNameMap[T] => fill(document.createElement(tag), attributes, children);

export const svg = <T extends keyof SVGElementTagNameMap>(
  tag: T,
  attributes: Attributes = {},
  ...children: Children
): SVGElementTagNameMap[T] => fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);

let made = 0;
/** For `for`, `aria-labelledby` and the like. */
export const uniqueId = (name: string): string => `${name}-${++made}`;
