import { expect } from '@playwright/test';
import { signUpAsOwner, test } from './console-server.ts';

test('who followed is a member, is exported, and is forgotten only after the end of their id was typed, with a receipt', async ({
  page,
  server,
}) => {
  const complaints = await signUpAsOwner(page, server);
  await page.getByRole('link', { name: '会员', exact: true }).click();
  await expect(page.getByText('还没有会员')).toBeVisible();
  const { followers } = await (await page.request.get(`${server.url}/sandbox/api/state`)).json();
  await page.request.post(`${server.url}/sandbox/api/followers/${followers[0].openid}/follow`, { data: {} });

  const id = await test.step('the list names who came, by what is known of them: an id', async () => {
    await expect(async () => {
      await page.reload();
      await expect(page.getByRole('row', { name: /关注着 半日麦/ })).toBeVisible({ timeout: 1000 });
    }).toPass();
    await page.getByRole('button', { name: '已取关' }).click();
    await expect(page.getByText('没有这样的会员')).toBeVisible();
    await page.getByRole('button', { name: '看全部' }).click();
    const member = page.getByRole('link', { name: /^打开会员 / });
    const name = (await member.textContent()) ?? '';
    await member.click();
    await expect(page.getByText(followers[0].openid)).toBeVisible();
    await expect(page.getByText('关注了 半日麦')).toBeVisible();
    return name;
  });

  await test.step('what is kept about them is taken along as a file', async () => {
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: '导出资料' }).click();
    expect((await download).suggestedFilename()).toBe(`member-${id}.zip`);
  });

  await test.step('another ending forgets nobody; theirs does, and gives a receipt', async () => {
    await page.getByRole('button', { name: '删除资料' }).click();
    const question = page.getByRole('dialog', { name: '删除这个人的资料？' });
    await question.getByRole('textbox').fill('000000');
    await expect(question.getByRole('button', { name: '删除' })).toBeDisabled();
    await question.getByRole('textbox').fill(id.slice(-6).toUpperCase());
    await question.getByRole('button', { name: '删除' }).click();
    const receipt = page.getByRole('dialog', { name: '回执' });
    await expect(receipt).toContainText('都删完了');
    const number = (await receipt.locator('.copy-line .mono').textContent()) ?? '';
    await receipt.getByRole('button', { name: '好了' }).click();
    await expect(page.getByText(followers[0].openid)).toHaveCount(0);
    await expect(page.getByRole('button', { name: '删除资料' })).toHaveCount(0);
    await page.getByRole('link', { name: '所有会员' }).click();
    await expect(page.getByText('还没有会员')).toBeVisible();
    await page.getByRole('link', { name: '删除回执' }).click();
    await expect(page.getByRole('row', { name: new RegExp(`${number}.*都删完了`) })).toBeVisible();
  });
  expect(complaints).toEqual([]);
});
