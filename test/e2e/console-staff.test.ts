import { type Browser, expect, type Page } from '@playwright/test';
import { openConsole, owner, signUpAsOwner, test } from './console-server.ts';

test('an owner invites somebody, who joins in a browser of their own, sees what their role may see, and is out once removed', async ({
  page,
  browser,
  server,
}) => {
  const complaints = await signUpAsOwner(page, server);
  const link = await test.step('the invitation says what each role may do, and gives a link and a code to scan', async () => {
    await page.getByRole('link', { name: '员工与权限' }).click();
    await expect(page.getByText('现在只有你一个人')).toBeVisible();
    await page.getByRole('button', { name: '邀请员工' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: '生成链接' }).click();
    await expect(dialog.getByText('写上怎么称呼')).toBeVisible();
    await dialog.getByLabel('怎么称呼').fill('林小满');
    await dialog.getByRole('radio', { name: '客服' }).check();
    await dialog.getByRole('button', { name: '生成链接' }).click();
    await expect(dialog.getByRole('img', { name: '链接的二维码' })).toBeVisible();
    const url = await dialog.locator('.copy-line .mono').textContent();
    await dialog.getByRole('button', { name: '好了' }).click();
    await expect(page.getByRole('button', { name: '邀请员工' })).toBeFocused();
    await expect(page.getByRole('row', { name: /林小满.*加入，做客服/ })).toBeVisible();
    return url ?? '';
  });

  const { guest, complaints: guestComplaints } = await joinElsewhere(browser, server, link);

  await test.step('who joined sees members and nothing that is for others, and is told who can', async () => {
    await expect(guest.getByRole('heading', { name: '会员', exact: true })).toBeVisible();
    await expect(guest.getByRole('navigation').getByRole('link', { name: '员工与权限' })).toHaveCount(0);
    await expect(guest.getByRole('link', { name: '导出粉丝 CSV' })).toHaveCount(0);
    await guest.goto(`${server.url}/console/#/staff`);
    await expect(guest.getByText('“员工与权限”不对你的角色开放')).toBeVisible();
    await expect(guest.getByText(/店主、店长可以/)).toBeVisible();
  });

  await test.step('another owner was quicker: the dialog shows what they changed, and both changes are kept', async () => {
    await page.reload();
    await page.getByRole('button', { name: '修改: 林小满' }).click();
    const dialog = page.getByRole('dialog');
    const other = await page.context().newPage();
    await other.goto(`${server.url}/console/#/staff`);
    await other.getByRole('button', { name: '修改: 林小满' }).click();
    await other.getByRole('dialog').getByLabel('姓名').fill('林晓满');
    await other.getByRole('dialog').getByRole('button', { name: '保存' }).click();
    await expect(other.getByRole('dialog')).toBeHidden();

    await dialog.getByRole('radio', { name: '店员' }).check();
    await dialog.getByRole('button', { name: '保存' }).click();
    await expect(dialog.getByRole('alert')).toContainText('姓名：林小满 → 林晓满');
    await dialog.getByRole('button', { name: '放弃我填的' }).click();
    await expect(dialog.getByLabel('姓名')).toHaveValue('林晓满');
    await dialog.getByRole('radio', { name: '店员' }).check();
    await dialog.getByRole('button', { name: '保存' }).click();
    await expect(page.getByRole('row', { name: /林晓满.*店员/ })).toBeVisible();
  });

  await test.step('removed after a question that says what will happen, they are out at once', async () => {
    await page.getByRole('button', { name: '移出: 林晓满' }).click();
    const question = page.getByRole('dialog', { name: '把林晓满移出？' });
    await expect(question).toContainText('立刻在所有设备上退出');
    await expect(question.getByRole('button', { name: '先不移出' })).toBeFocused();
    await question.getByRole('button', { name: '移出', exact: true }).click();
    await expect(page.getByRole('row', { name: /林晓满/ })).toHaveCount(0);
    await guest.goto(`${server.url}/console/#/members`);
    await guest.reload();
    await expect(guest.getByRole('heading', { name: '进后台' })).toBeVisible();
  });

  await test.step('the audit tells it, before and after', async () => {
    await page.getByRole('link', { name: '审计' }).click();
    await page.getByRole('button', { name: '移出员工，看前后' }).click();
    const details = page.locator('.audit-details').first();
    await expect(details.getByRole('row', { name: /角色 店员 没有/ })).toBeVisible();
    await page.getByRole('searchbox').fill('没有这样的事');
    await expect(page.getByText('没有符合条件的记录')).toBeVisible();
    await page.getByRole('button', { name: '清掉条件' }).first().click();
    await expect(page.getByRole('button', { name: '移出员工，看前后' })).toBeVisible();
  });
  expect([...complaints, ...guestComplaints]).toEqual([]);
});

test('an API key is shown once, opens what its scopes name and nothing else, and opens nothing once revoked', async ({
  page,
  server,
}) => {
  const complaints = await signUpAsOwner(page, server);
  const get = (path: string, secret: string) =>
    page.request.get(`${server.url}/api/v1${path}`, { headers: { Authorization: `Bearer ${secret}`, Cookie: '' } });

  const secret = await test.step('a key without anything to do is refused; one with a scope is made', async () => {
    await page.getByRole('link', { name: '接口' }).click();
    await page.getByRole('button', { name: '新建密钥' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('名称').fill('收银系统');
    await dialog.getByRole('button', { name: '新建密钥' }).click();
    await expect(dialog.getByText('至少选一项')).toBeVisible();
    await dialog.getByRole('checkbox', { name: '看会员' }).check();
    await dialog.getByRole('button', { name: '新建密钥' }).click();
    await expect(dialog.getByText('关掉以后谁也看不到')).toBeVisible();
    // Escape does not lose what is shown this once.
    await page.keyboard.press('Escape');
    const shown = await dialog.locator('.copy-line .mono').first().textContent();
    await dialog.getByRole('button', { name: '我已存好' }).click();
    await expect(page.getByText(shown ?? '', { exact: true })).toHaveCount(0);
    return shown ?? '';
  });

  expect((await get('/members', secret)).status()).toBe(200);
  expect((await get('/staff', secret)).status()).toBe(403);

  await test.step('the list tells that it was used; revoked, it is refused', async () => {
    await page.reload();
    const row = page.getByRole('row', { name: /收银系统/ });
    await expect(row).toContainText('今天');
    await row.getByRole('button', { name: '撤销: 收银系统' }).click();
    const question = page.getByRole('dialog', { name: '撤销“收银系统”？' });
    await question.getByRole('button', { name: '先留着' }).click();
    await expect(row.getByRole('button', { name: '撤销: 收银系统' })).toBeFocused();
    expect((await get('/members', secret)).status()).toBe(200);
    await row.getByRole('button', { name: '撤销: 收银系统' }).click();
    await question.getByRole('button', { name: '撤销', exact: true }).click();
    await expect(page.getByText('还没有密钥')).toBeVisible();
    expect((await get('/members', secret)).status()).toBe(401);
  });
  expect(complaints).toEqual([]);
});

test('a changed password ends the sessions elsewhere, and is the one that opens', async ({ page, browser, server }) => {
  const complaints = await signUpAsOwner(page, server);
  const elsewhere = await browser.newContext({ locale: 'zh-CN' });
  const other = await elsewhere.newPage();
  await openConsole(other, server, '#/me');
  await other.getByLabel('手机号或邮箱').fill(owner.login);
  await other.getByLabel('密码', { exact: true }).fill(owner.password);
  await other.keyboard.press('Enter');
  await expect(other.getByRole('heading', { name: '我的登录' })).toBeVisible();

  await page.getByRole('link', { name: owner.name }).click();
  await expect(page.getByRole('button', { name: /^让.*退出$/ })).toHaveCount(2);
  await page.getByLabel('现在的密码').fill('not the password');
  await page.getByLabel('新密码').fill('baguette before dawn');
  await page.getByRole('button', { name: '换密码' }).click();
  await expect(page.getByRole('alert')).toContainText('现在的密码不对');
  await page.getByLabel('现在的密码').fill(owner.password);
  await page.getByRole('button', { name: '换密码' }).click();
  await expect(page.getByText('密码换好了，别的设备都退出了')).toBeVisible();

  await other.reload();
  await expect(other.getByRole('heading', { name: '进后台' })).toBeVisible();
  await other.getByLabel('手机号或邮箱').fill(owner.login);
  await other.getByLabel('密码', { exact: true }).fill('baguette before dawn');
  await other.keyboard.press('Enter');
  await expect(other.getByRole('heading', { name: '我的登录' })).toBeVisible();
  await elsewhere.close();
  expect(complaints).toEqual([]);
});

/** Opens an invitation in another browser, where nobody is signed in, and joins by it. */
async function joinElsewhere(
  browser: Browser,
  server: Parameters<typeof openConsole>[1],
  link: string,
): Promise<{ guest: Page; complaints: string[] }> {
  const context = await browser.newContext({ locale: 'zh-CN' });
  const guest = await context.newPage();
  const complaints = await openConsole(guest, server, link);
  await expect(guest.getByLabel('你的名字')).toHaveValue('林小满');
  await guest.getByLabel('手机号或邮箱').fill('lin@banrimai.example');
  await guest.getByLabel('密码', { exact: true }).fill('rye bread on monday');
  await guest.getByRole('button', { name: '进后台' }).click();
  await expect(guest.getByRole('link', { name: '林小满' })).toBeVisible();
  return { guest, complaints };
}
