import { expect } from '@playwright/test';
import { openSandboxPage, test } from './sandbox-server.ts';

test('an account is registered and connected on the platform’s own page, by keyboard, and has people of its own', async ({
  page,
  server,
}) => {
  const { complaints } = await openSandboxPage(page, server);
  const opener = page.getByRole('button', { name: '账号', exact: true });
  const dialog = page.getByRole('dialog', { name: '公众平台' });
  const submit = dialog.getByRole('button', { name: '提交' });

  await test.step('registers', async () => {
    await opener.focus();
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: '新账号' }).press('Enter');
    await page.keyboard.type('麦浪面包');
    await page.keyboard.press('Enter');
    await expect(dialog.getByRole('heading', { name: '麦浪面包' })).toBeVisible();
    await expect(dialog.getByText(/^[0-9a-f]{32}$/)).toBeVisible();
  });

  await test.step('is told in words what the platform made of the settings, and keeps none that are wrong', async () => {
    await dialog.getByLabel('服务器地址 URL').fill(new URL('/wechat/nobody', server.address).href);
    await dialog.getByLabel('令牌 Token').fill('token123');
    await dialog.getByLabel('EncodingAESKey').fill('a'.repeat(43));
    await submit.click();
    await expect(dialog.getByRole('status').getByText('没有存：这个地址上什么都没有')).toBeVisible();
    await dialog.getByRole('button', { name: '看线路' }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByRole('region', { name: '线路' }).getByText('GET /wechat/nobody')).toBeVisible();
  });

  await test.step('keeps the white list', async () => {
    await opener.click();
    await dialog.getByLabel('一行一个地址').fill('10.0.0.7\nlocalhost');
    await dialog.getByRole('button', { name: '保存' }).click();
    await expect(dialog.getByRole('alert')).toContainText('平台不允许');
    await dialog.getByLabel('一行一个地址').fill('10.0.0.7');
    await dialog.getByRole('button', { name: '保存' }).click();
    await expect(dialog.getByText('已保存')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await expect(opener).toBeFocused();
  });

  await test.step('shows the phones of its own people', async () => {
    await opener.click();
    await dialog.getByRole('button', { name: /^麦浪面包/ }).click();
    await dialog.getByRole('button', { name: '看麦浪面包的手机' }).click();
    await expect(page.getByRole('tabpanel', { name: '林小满的手机' }).getByRole('heading', { name: '麦浪面包' })).toBeVisible();
    await expect(page.getByRole('tab')).toHaveCount(3);
    await page.getByRole('button', { name: '关注', exact: true }).click();
    await expect(page.getByRole('alert')).toContainText('no callback address yet');
  });
  expect(complaints.filter((complaint) => !complaint.includes('status of 40'))).toEqual([]);
});

test('what was typed stays with its person, one’s own words come into sight, and too long a text is said to be', async ({
  page,
  server,
}) => {
  await openSandboxPage(page, server);
  const box = page.getByRole('textbox', { name: '发消息' });
  await page.getByRole('button', { name: '关注', exact: true }).click();
  await box.fill('还没写完');
  await page.getByRole('tab', { name: '王一川' }).click();
  await page.getByRole('tab', { name: '林小满' }).click();
  await expect(box).toHaveValue('还没写完');

  await box.fill('一'.repeat(2001));
  await expect(page.getByText('太长了，多出 1 个字')).toBeVisible();
  await expect(page.getByRole('button', { name: '发送' })).toBeDisabled();

  const chat = page.getByRole('log');
  await box.fill(Array(60).fill('一行').join('\n'));
  await box.press('Enter');
  await expect(chat.getByText('服务器已回答')).toBeAttached();
  await page.evaluate("document.querySelector('[role=log]').scrollTop = 0");
  await box.fill('我说的这句');
  await box.press('Enter');
  await expect(chat.getByText('我说的这句')).toBeInViewport();
});

test('the account’s sheet keeps the focus until it is closed', async ({ page, server }) => {
  await openSandboxPage(page, server);
  await page.getByRole('button', { name: '公众号资料' }).click();
  const sheet = page.getByRole('dialog', { name: '公众号资料' });
  const close = sheet.getByRole('button', { name: '关闭' });
  await expect(close).toHaveCount(1);
  await page.keyboard.press('Tab');
  await expect(close).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await expect(sheet.getByRole('button').last()).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(close).toBeFocused();
});
