import { resolve } from 'node:path';
import { expect, type Page } from '@playwright/test';
import type { OwnedAccount } from '../../server/sandbox/contract.ts';
import { test as consoleTest, openConsole, signUpAsOwner } from './console-server.ts';
import { openSandboxPage, test } from './sandbox-server.ts';

const folder = resolve(import.meta.dirname, '../../docs/pictures');

test('the pictures of the README', async ({ page, server }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
  await openSandboxPage(page, server);
  await page.getByRole('button', { name: '关注', exact: true }).click();
  for (const text of ['你好，今天几点开门？', '帮助']) await say(page, text);
  await makeMenu(new URL(server.address).origin);
  await page.getByRole('button', { name: '附近门店' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '发送' }).click();
  await expect(page.getByRole('log').getByText(/30\.2541/)).toBeVisible();
  await page.getByRole('button', { name: /文字.*帮助/ }).click();
  await expect(page.locator('pre')).toHaveCount(4);
  // The focus ring is for whoever uses the page.
  await page.mouse.click(900, 20);
  await take(page, 'sandbox.png');
  await page.emulateMedia({ colorScheme: 'dark' });
  await take(page, 'sandbox-dark.png');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 390, height: 844 });
  await take(page, 'sandbox-narrow.png');
});

consoleTest('the pictures of the console', async ({ page, server }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
  await openConsole(page, server, '#/sign-in');
  await page.getByRole('heading', { name: '进后台' }).click();
  await take(page, 'console-sign-in.png');
  await signUpAsOwner(page, server);

  const platform = { name: '麦浪面包', kind: 'service', isVerified: true };
  const made = await page.request.post(`${server.url}/sandbox/api/accounts`, { data: platform });
  const { appId, originalId, appSecret }: OwnedAccount = await made.json();
  await page.getByRole('button', { name: '接一个公众号' }).click();
  await page.getByLabel('公众号名称').fill(platform.name);
  await page.getByLabel('AppID').fill(appId);
  await page.getByLabel('原始 ID').fill(originalId);
  await page.getByLabel('AppSecret').fill(appSecret);
  await page.getByRole('button', { name: '存好，下一步' }).click();
  const values = page.getByRole('region', { name: '回调地址' }).locator('.copy-line .mono');
  await expect(values).toHaveCount(3);
  const [url, token = '', encodingAesKey] = await values.allTextContents();
  const settings = { url, token: token.slice(0, -1), encodingAesKey, mode: 'safe' };
  await page.request.put(`${server.url}/sandbox/api/accounts/${appId}/server`, { data: settings });
  await page.getByRole('button', { name: '检查一遍' }).click();
  await expect(page.getByText('停在“签名一致”')).toBeVisible();
  await page.mouse.click(700, 20);
  await take(page, 'console-account.png');
  await page.emulateMedia({ colorScheme: 'dark' });
  await take(page, 'console-account-dark.png');
});

/** Gives the account of the shown people a menu, as its server would. */
async function makeMenu(origin: string) {
  const [account] = (await (await fetch(`${origin}/sandbox/api/accounts`)).json()) as OwnedAccount[];
  const { appId = '', appSecret = '' } = account ?? {};
  const grant = new URLSearchParams({ grant_type: 'client_credential', appid: appId, secret: appSecret });
  const { access_token: token } = (await (await fetch(`${origin}/cgi-bin/token?${grant}`)).json()) as { access_token: string };
  const button = [
    { type: 'location_select', name: '附近门店', key: 'near' },
    { name: '领优惠', sub_button: [{ type: 'click', name: '今日优惠', key: 'offers' }] },
    { name: '我的', sub_button: [{ type: 'click', name: '帮助', key: 'help' }] },
  ];
  await fetch(`${origin}/cgi-bin/menu/create?access_token=${token}`, { method: 'POST', body: JSON.stringify({ button }) });
}

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
