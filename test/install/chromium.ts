/** The machine's Chromium, talking to nobody but the page's server. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['chromium', 'chromium-browser', 'google-chrome'].map((name) => `/usr/bin/${name}`);
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

export const CHROMIUM = process.env.CHROMIUM || PLACES.find((path) => existsSync(path));

export const launch = (executablePath: string): Promise<Browser> => chromium.launch({ executablePath, args: ARGUMENTS });
