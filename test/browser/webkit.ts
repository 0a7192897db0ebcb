/** WebKitGTK's MiniBrowser, driven over WebDriver, on a screen of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Builder, type WebDriver } from 'selenium-webdriver';
import { type Browser, type Launch, type Left, TIMEOUT } from './browser.js';

// A folder, which only `require` finds.
const { DriverService } = createRequire(import.meta.url)('selenium-webdriver/remote') as typeof import('selenium-webdriver/remote.js');

const DRIVER = '/usr/bin/WebKitWebDriver';
const SCREEN = '/usr/bin/Xvfb';
const MINI_BROWSER =
  process.env.WEBKIT ||
  ['x86_64', 'aarch64']
    .flatMap((machine) => ['4.1', '4.0'].map((version) => `/usr/lib/${machine}-linux-gnu/webkit2gtk-${version}/MiniBrowser`))
    .find((path) => existsSync(path));

/** WebKit has these, and WebKitGTK 2.50 has them switched off. */
const SWITCHES = { JSC_useSharedArrayBuffer: '1', JSC_useWasmRelaxedSIMD: '1' };

export const webkit: Launch = MINI_BROWSER && existsSync(DRIVER) && existsSync(SCREEN) ? () => launch(MINI_BROWSER) : undefined;

async function launch(binary: string): Promise<Browser> {
  const screen = spawn(SCREEN, ['-displayfd', '3', '-screen', '0', '1024x768x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const service = new DriverService.Builder(DRIVER)
    .setLoopback(true)
    .setEnvironment({ ...process.env, ...SWITCHES, DISPLAY: await displayOf(screen) })
    .build();
  const stop = async (): Promise<void> => {
    await service.kill();
    screen.kill();
  };
  try {
    const driver = await new Builder()
      .usingServer(await service.start())
      .withCapabilities({ browserName: 'MiniBrowser', 'webkitgtk:browserOptions': { binary, args: ['--automation'] } })
      .build();
    await driver.manage().setTimeouts({ script: TIMEOUT, pageLoad: TIMEOUT });
    const version = (await driver.getCapabilities()).getBrowserVersion() ?? '';
    return { version: () => version, open: (url) => open(driver, url), close: () => driver.quit().finally(stop) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The screen tells its number when it is there. */
async function displayOf(screen: ChildProcess): Promise<string> {
  const [number] = (await once(screen.stdio[3] as NodeJS.ReadableStream, 'data')) as [Buffer];
  return `:${String(number).trim()}`;
}

async function open(driver: WebDriver, url: string): Promise<Left> {
  await driver.switchTo().newWindow('tab');
  await driver.get(url);
  try {
    await driver.wait(() => driver.executeScript('return (window.results ?? window.failure) !== undefined'), TIMEOUT);
  } catch (error) {
    throw new Error(`${url} gave no result: ${error}`);
  }
  const left = await driver.executeScript<Omit<Left, 'messages'>>('return { results: window.results, failure: window.failure }');
  return { ...left, messages: [] };
}
