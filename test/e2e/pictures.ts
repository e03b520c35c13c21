import { resolve } from 'node:path';
import { expect, type Page } from '@playwright/test';
import { openSandboxPage, test } from './sandbox-server.ts';

const folder = resolve(import.meta.dirname, '../../docs/pictures');

test('the pictures of the README', async ({ page, server }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
  await openSandboxPage(page, server);
  await page.getByRole('button', { name: '关注', exact: true }).click();
  for (const text of ['你好，今天几点开门？', '帮助']) await say(page, text);
  await page.getByRole('button', { name: /文字.*帮助/ }).click();
  await expect(page.locator('pre')).toHaveCount(4);
  // The focus ring is for whoever uses the page.
  await page.mouse.click(700, 20);
  await take(page, 'sandbox.png');
  await page.emulateMedia({ colorScheme: 'dark' });
  await take(page, 'sandbox-dark.png');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 390, height: 844 });
  await take(page, 'sandbox-narrow.png');
});

async function say(page: Page, text: string) {
  const answers = page.getByText('服务器已回答');
  const before = await answers.count();
  await page.getByRole('textbox', { name: '发消息' }).fill(text);
  await page.keyboard.press('Enter');
  await expect(answers).toHaveCount(before + 1);
}

async function take(page: Page, name: string) {
  await page.screenshot({ path: resolve(folder, name), animations: 'disabled' });
}
