/** The address after the hash, `/<part>?<query>`: which part is shown, and what it keeps there. */

export interface Route {
  /** Empty where the address names none. */
  readonly part: string;
  readonly query: URLSearchParams;
}

export function readRoute(hash = location.hash): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  return { part: path, query: new URLSearchParams(query) };
}

export const hrefOf = (part: string, query = ''): string => `#/${part}${query && `?${query}`}`;

/** Writes the query of a part into the address, without a new entry in the history. */
export function replaceQuery(part: string, query: string): void {
  if (readRoute().part === part || readRoute().part === '') history.replaceState(null, '', hrefOf(part, query));
}
