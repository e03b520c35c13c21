import { expect } from '@playwright/test';
import type { OwnedAccount, SandboxState } from '../../server/sandbox/contract.ts';
import { openSandboxPage, test } from './sandbox-server.ts';

/** A PNG of one pixel. */
const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

test('what an account sends of its own accord stands on the phone, is tapped, agreed to and switched off', async ({
  page,
  server,
}) => {
  const { complaints } = await openSandboxPage(page, server);
  const call = await openPlatform(server.address);
  const chat = page.getByRole('log');
  await page.getByRole('button', { name: '关注', exact: true }).click();
  await expect(chat.getByText(/很高兴认识你/)).toBeVisible();
  const { followers } = (await (await fetch(`${server.address}api/state`)).json()) as SandboxState;
  const touser = followers.find(({ isFollowing }) => isFollowing)?.openid;

  await test.step('that it types is seen in place of its name, until it has written', async () => {
    const heading = page.locator('.chat-head h2');
    await call('cgi-bin/message/custom/typing', { touser, command: 'Typing' });
    await expect(heading).toHaveText('对方正在输入…');
    const menu = { head_content: '满意吗？', list: [{ id: '101', content: '满意' }], tail_content: '谢谢' };
    await call('cgi-bin/message/custom/send', { touser, msgtype: 'msgmenu', msgmenu: menu });
    await expect(heading).not.toHaveText('对方正在输入…');
  });

  await test.step('a choice is tapped and becomes words of the person', async () => {
    await chat.getByRole('button', { name: '满意', exact: true }).click();
    await expect(chat.locator('.say.me').getByText('满意')).toBeVisible();
  });

  await test.step('a picture is seen', async () => {
    const form = new FormData();
    form.set('media', new Blob([new Uint8Array(pixel)]), 'a.png');
    const { media_id } = await call('cgi-bin/media/upload', form, { type: 'image' });
    await call('cgi-bin/message/custom/send', { touser, msgtype: 'image', image: { media_id } });
    const picture = chat.getByRole('img', { name: '图片' });
    await expect(picture).toBeVisible();
    await expect(picture).toHaveJSProperty('naturalWidth', 1);
  });

  await test.step('a template message shows its fields by name', async () => {
    const { template_list: list } = await call('cgi-bin/template/get_all_private_template');
    const found = (list as { template_id: string; title: string }[]).find(({ title }) => title === '优惠券到账通知');
    const data = { thing1: { value: '满30减5元券' }, time2: { value: '2026年8月31日' }, thing3: { value: '到店出示' } };
    await call('cgi-bin/message/template/send', { touser, template_id: found?.template_id, data, url: 'https://m.example/c' });
    await expect(chat.getByRole('heading', { name: '优惠券到账通知' })).toBeVisible();
    await expect(chat.getByText('满30减5元券')).toBeVisible();
    await expect(chat.getByRole('link', { name: '查看详情' })).toHaveAttribute('href', 'https://m.example/c');
  });

  await test.step('the person agrees once, takes it back, and switches everything off', async () => {
    await page.getByRole('button', { name: '公众号资料' }).click();
    const sheet = page.getByRole('dialog', { name: '公众号资料' });
    await expect(sheet.getByText('还没有同意接收')).toBeVisible();
    await sheet.getByRole('button', { name: /^允许一次/ }).click();
    await expect(sheet.getByText('还可以收 1 条')).toBeVisible();
    await sheet.getByRole('button', { name: /^不再接收/ }).click();
    await expect(sheet.getByText('还没有同意接收')).toBeVisible();
    const receive = sheet.getByRole('switch', { name: '接收消息' });
    await expect(receive).toBeChecked();
    await receive.click();
    await expect(receive).not.toBeChecked();
    const refused = await call('cgi-bin/message/custom/send', { touser, msgtype: 'text', text: { content: '在吗' } });
    expect(refused).toMatchObject({ errcode: 48002 });
  });
  expect(complaints).toEqual([]);
});

/** Calls of the house's account, by a token of its own. */
async function openPlatform(address: string) {
  const accounts = (await (await fetch(`${address}api/accounts`)).json()) as OwnedAccount[];
  const { appId, appSecret } = accounts[0] ?? {};
  const grant = { grant_type: 'client_credential', appid: appId, secret: appSecret };
  const { access_token: token } = await post('cgi-bin/stable_token', JSON.stringify(grant), {});

  async function post(name: string, body: string | FormData | undefined, query: Record<string, string>) {
    const url = new URL(`/${name}?${new URLSearchParams(query)}`, address);
    const response = await fetch(url, body === undefined ? {} : { method: 'POST', body });
    return (await response.json()) as Record<string, unknown>;
  }
  return (name: string, body?: object, query: Record<string, string> = {}) => {
    const sent = body === undefined || body instanceof FormData ? body : JSON.stringify(body);
    return post(name, sent, { access_token: String(token), ...query });
  };
}
