import { expect, type Page } from '@playwright/test';
import { openSandboxPage, test } from './sandbox-server.ts';

test('a follower follows, talks, leaves and is known when they come back, also after the server was killed', async ({
  page,
  server,
}) => {
  const { complaints } = await openSandboxPage(page, server);
  const chat = page.getByRole('log');
  const wire = page.getByRole('region', { name: '线路' });
  const box = page.getByRole('textbox', { name: '发消息' });

  await test.step('follows and is greeted', async () => {
    await expect(wire.getByText('关注后，这里会出现每一次回调')).toBeVisible();
    await page.getByRole('button', { name: '关注', exact: true }).click();
    await expect(chat.getByText(/很高兴认识你/)).toBeVisible();
    await expect(box).toBeFocused();
  });

  await test.step('sends a text and reads the answer', async () => {
    await box.fill('帮助');
    await box.press('Enter');
    await expect(chat.getByText(/你可以：/)).toBeVisible();
    await expect(chat.getByText('服务器已回答')).toBeAttached();
    await expect(box).toHaveValue('');
  });

  await test.step('the callback is in the wire log, as it travelled and as it reads', async () => {
    await wire.getByRole('button', { name: /文字.*帮助/ }).click();
    const panes = wire.locator('pre');
    await expect(panes.nth(0)).toContainText('msg_signature=');
    await expect(panes.nth(0)).toContainText('<Encrypt>');
    await expect(panes.nth(0)).not.toContainText('帮助');
    await expect(panes.nth(1)).toContainText('<Content><![CDATA[帮助]]></Content>');
    await expect(panes.nth(2)).toContainText('<MsgSignature>');
    await expect(panes.nth(2)).not.toContainText('你可以：');
    await expect(panes.nth(3)).toContainText('你可以：');
    await expect(wire.getByRole('list', { name: '平台怎么查答复' }).getByText('没有通过')).toHaveCount(0);
  });

  await test.step('leaves; the server is killed; the page says what still works, and recovers by itself', async () => {
    await leave(page);
    await expect(wire.getByRole('button', { name: /取消关注.*unsubscribe/ })).toBeVisible();
    await server.kill();
    await expect(page.getByText(/和服务器断开了，正在重新连接/)).toBeVisible();
    await page.getByRole('button', { name: '重新关注' }).click();
    await expect(page.getByRole('alert')).toContainText('没有完成');
    await expect(chat.getByText(/你可以：/)).toBeVisible();
    await server.restart();
    await expect(page.getByText(/和服务器断开了/)).toHaveCount(0);
  });

  await test.step('comes back and is greeted as one who was here before', async () => {
    await page.getByRole('button', { name: '重新关注' }).click();
    await expect(chat.getByText(/欢迎回来/)).toBeVisible();
    await expect(chat.getByText(/很高兴认识你/)).toBeVisible();
  });

  await test.step('and all of it is still there after the page is read anew', async () => {
    await page.reload();
    await expect(chat.getByText(/欢迎回来/)).toBeVisible();
    await expect(wire.getByRole('button', { name: /关注.*subscribe/ })).toHaveCount(3);
  });
  expect(complaints).toEqual([]);
});

test('everything is done by keyboard alone', async ({ page, server }) => {
  await openSandboxPage(page, server);
  const tabs = page.getByRole('tab');
  await tabs.first().focus();
  await page.keyboard.press('ArrowRight');
  await expect(tabs.nth(1)).toBeFocused();
  await expect(page.getByRole('tabpanel', { name: '王一川的手机' })).toBeVisible();

  await page.getByRole('button', { name: '加一位粉丝' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.type('周雨');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('tab', { name: '周雨' })).toHaveAttribute('aria-selected', 'true');

  await page.getByRole('button', { name: '关注', exact: true }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: '发消息' })).toBeFocused();
  await page.keyboard.type('第一行');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('第二行');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('log').getByText('第一行\n第二行')).toBeVisible();

  const rows = page.getByRole('region', { name: '线路' }).getByRole('listitem').getByRole('button');
  await expect(rows.filter({ hasText: 'subscribe' })).toBeVisible();
  await rows.first().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(rows.nth(1)).toHaveAttribute('aria-expanded', 'true');

  await page.getByRole('button', { name: '公众号资料' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: '公众号资料' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: '公众号资料' })).toBeFocused();
});

test('on a narrow screen the phone and the wire log are two views, in the language that was chosen', async ({ page, server }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openSandboxPage(page, server);
  await page.getByRole('button', { name: '换成英文' }).click();
  await page.getByRole('button', { name: 'Follow', exact: true }).click();
  await expect(page.getByRole('log')).toContainText('You followed');
  await page.getByRole('textbox', { name: 'Message' }).fill('help');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.getByRole('region', { name: 'Wire' })).toBeHidden();

  await page.getByRole('button', { name: 'Wire', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Wire' })).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Message' })).toBeHidden();
  await page.getByRole('button', { name: 'Refused', exact: true }).click();
  await expect(page.getByText('Nothing was refused')).toBeVisible();
  await page.getByRole('button', { name: 'Show all' }).last().click();
  await page.getByRole('textbox', { name: 'Find in the wire log' }).fill('subscribe');
  await expect(page.getByRole('button', { name: /Follow 林小满/ })).toBeVisible();
  await expect(page.getByRole('button', { name: /Text help/ })).toBeHidden();

  await page.reload();
  await expect(page.getByRole('button', { name: 'Wire', exact: true })).toBeVisible();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
});

async function leave(page: Page) {
  await page.getByRole('button', { name: '公众号资料' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '取消关注' }).click();
  await expect(page.getByRole('log').getByText(/你取消关注了/)).toBeVisible();
}
