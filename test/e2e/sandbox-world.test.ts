import { expect } from '@playwright/test';
import type { OwnedAccount, SandboxState } from '../../server/sandbox/contract.ts';
import { openSandboxPage, type SandboxServer, test } from './sandbox-server.ts';

test('the account’s menu stands below the chat, and each of its buttons is told to the server', async ({ page, server }) => {
  const { complaints } = await openSandboxPage(page, server);
  const call = await openPlatform(server);
  const wire = page.getByRole('region', { name: '线路' });
  const menu = page.getByRole('navigation', { name: '公众号菜单' });
  const send = page.getByRole('dialog').getByRole('button', { name: '发送' });

  await test.step('follows by a code of the account', async () => {
    const made = { action_name: 'QR_LIMIT_STR_SCENE', action_info: { scene: { scene_str: 'hubin-door' } } };
    const { ticket, url } = (await call('qrcode/create', made)) as { ticket: string; url: string };
    const picture = await fetch(`${new URL(server.address).origin}/cgi-bin/showqrcode?ticket=${encodeURIComponent(ticket)}`);
    await page.getByRole('button', { name: '扫码关注' }).click();
    const sheet = page.getByRole('dialog', { name: '扫码关注' });
    const poster = { name: 'poster.png', mimeType: 'image/png', buffer: Buffer.from(await picture.arrayBuffer()) };
    await sheet.getByLabel('或者选一张码的图片').setInputFiles(poster);
    await expect(sheet.getByRole('textbox')).toHaveValue(url);
    await sheet.getByRole('textbox').clear();
    await sheet.getByRole('button', { name: /hubin-door/ }).click();
    await expect(sheet.getByText(/qrscene_hubin-door/)).toBeVisible();
    await sheet.getByRole('button', { name: '扫码关注' }).click();
    await expect(wire.getByRole('button', { name: /关注 ?hubin-door/ })).toBeVisible();
  });

  await test.step('a menu that is made appears without the page being read anew', async () => {
    await expect(menu).toHaveCount(0);
    await call('menu/create', {
      button: [
        { type: 'location_select', name: '附近', key: 'near' },
        {
          name: '更多',
          sub_button: [
            { type: 'click', name: '帮助', key: 'help' },
            { type: 'view', name: '点单', url: 'https://half.example/order' },
            { type: 'scancode_waitmsg', name: '扫码', key: 'till' },
            { type: 'pic_weixin', name: '相册', key: 'show' },
          ],
        },
      ],
    });
    await expect(menu.getByRole('button')).toHaveText(['', '附近', '更多']);
  });

  await test.step('a tap and a page', async () => {
    await menu.getByRole('button', { name: '更多' }).click();
    await menu.getByRole('button', { name: '帮助' }).click();
    await expect(wire.getByRole('button', { name: /点菜单 ?help/ })).toBeVisible();
    await menu.getByRole('button', { name: '更多' }).click();
    await menu.getByRole('button', { name: '点单' }).click();
    await expect(menu.getByText('手机打开 https://half.example/order')).toBeVisible();
    await expect(wire.getByRole('button', { name: /half\.example\/order ?VIEW/ })).toBeVisible();
  });

  await test.step('a scan, a picture and a place ask first', async () => {
    await menu.getByRole('button', { name: '更多' }).click();
    await menu.getByRole('button', { name: '扫码' }).click();
    await page.getByRole('textbox', { name: /扫到的内容/ }).fill('7KQ4');
    await page.getByRole('dialog').getByRole('button', { name: '扫', exact: true }).click();
    await expect(wire.getByRole('button', { name: /7KQ4 ?scancode_waitmsg/ })).toBeVisible();

    await menu.getByRole('button', { name: '更多' }).click();
    await menu.getByRole('button', { name: '相册' }).click();
    await send.click();
    await expect(wire.getByRole('button', { name: /show ?pic_weixin/ })).toBeVisible();
    await expect(wire.getByRole('button', { name: /^.*图片/ }).first()).toBeVisible();

    await menu.getByRole('button', { name: '附近' }).click();
    await page.getByRole('button', { name: '武林广场' }).click();
    await expect(page.getByRole('spinbutton', { name: '纬度' })).toHaveValue('30.2727');
    await page.getByRole('button', { name: /^地图/ }).focus();
    await page.keyboard.press('ArrowUp');
    await expect(page.getByRole('spinbutton', { name: '纬度' })).toHaveValue('30.2732');
    await expect(page.getByRole('textbox', { name: '地址' })).toHaveValue('地图上选的位置');
    await send.click();
    await expect(page.getByRole('log').getByText('30.2732, 120.1637')).toBeVisible();
    await expect(wire.getByRole('button', { name: /location_select/ })).toBeVisible();
  });

  await test.step('the keyboard, a voice, a link, and a code that is not the account’s', async () => {
    await menu.getByRole('button', { name: '打字' }).click();
    await expect(page.getByRole('textbox', { name: '发消息' })).toBeFocused();
    const more = page.getByRole('button', { name: '位置、扫码、图片、语音、链接' });
    await more.click();
    await page.getByRole('button', { name: '语音', exact: true }).click();
    await page.getByRole('textbox', { name: /说了什么/ }).fill('附近有店吗');
    await send.click();
    await expect(wire.getByRole('button', { name: /语音 ?附近有店吗/ })).toBeVisible();
    await page.getByRole('button', { name: '扫一扫' }).click();
    await page.getByRole('textbox', { name: /码的内容/ }).fill('http://weixin.qq.com/q/elsewhere');
    await expect(page.getByText(/不是这个账号的/)).toBeVisible();
    await expect(page.getByRole('dialog').getByRole('button', { name: '扫', exact: true })).toBeDisabled();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: '看菜单' }).click();
    await expect(menu).toBeVisible();
  });

  await test.step('calls and callbacks are seen apart', async () => {
    await wire.getByRole('button', { name: '接口', exact: true }).click();
    await expect(wire.getByRole('listitem').filter({ hasText: 'scancode_waitmsg' })).toHaveCount(0);
    await expect(wire.getByRole('button', { name: /创建菜单/ })).toBeVisible();
    await wire.getByRole('button', { name: '回调', exact: true }).click();
    await expect(wire.getByRole('button', { name: /创建菜单/ })).toHaveCount(0);
    await expect(wire.getByRole('button', { name: /scancode_waitmsg/ })).toBeVisible();
  });
  expect(complaints).toEqual([]);
});

test('faults are drawn by sliders and by rules, the clock goes forward and back, and two phones stand side by side', async ({
  page,
  server,
}) => {
  const { complaints } = await openSandboxPage(page, server);
  const call = await openPlatform(server);
  const wire = page.getByRole('region', { name: '线路' });
  await page.getByRole('button', { name: '关注', exact: true }).click();
  await expect(page.getByRole('log').getByText(/很高兴认识你/)).toBeVisible();

  await test.step('a slider, by keyboard, strikes', async () => {
    const down = page.getByRole('slider', { name: '502' });
    await down.focus();
    await page.keyboard.press('End');
    await expect(down).toHaveAttribute('aria-valuetext', '100 %');
    await expect.poll(() => faultsOf(server)).toEqual([{ name: '*', fault: 'down', probability: 1 }]);
    await call('user/get', undefined).catch(() => {});
    await expect(page.getByText('100 % · 中 1 次')).toBeVisible();
    await expect(wire.getByRole('button', { name: /粉丝列表.*按选定出错|粉丝列表/ })).toContainText('502');
  });

  await test.step('a rule of one call, with the others kept', async () => {
    await page.getByRole('button', { name: '逐个设' }).click();
    const dialog = page.getByRole('dialog', { name: '故障' });
    await dialog.getByRole('button', { name: '加一条' }).click();
    const rule = dialog.getByRole('group').last();
    await rule.getByRole('combobox', { name: '哪一个' }).fill('cgi-bin/menu/get');
    await rule.getByRole('combobox', { name: '出什么错' }).selectOption('busy');
    await expect(rule.getByText('没做，答 -1 系统繁忙。')).toBeVisible();
    await rule.getByRole('spinbutton', { name: '最多几次' }).fill('2');
    await dialog.getByRole('spinbutton', { name: '种子' }).fill('4127');
    await dialog.getByRole('button', { name: '用上' }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByText('种子 4127')).toBeVisible();
    expect(await faultsOf(server)).toEqual([
      { name: '*', fault: 'down', probability: 1 },
      { name: 'cgi-bin/menu/get', fault: 'busy', probability: 0.3, times: 2 },
    ]);
    await page.getByRole('button', { name: '全部关掉' }).click();
    await expect.poll(() => faultsOf(server)).toEqual([]);
  });

  await test.step('a day goes by, and comes back', async () => {
    await page.getByRole('button', { name: /沙箱的时间/ }).click();
    const time = page.getByRole('region', { name: '沙箱的时间' });
    await time.getByRole('button', { name: '1 天', exact: true }).click();
    await expect(time.getByText('已拨快 1 天')).toBeVisible();
    await expect(page.getByRole('button', { name: /沙箱的时间.*快 1 天/ })).toBeVisible();
    await time.getByRole('button', { name: '回到真实时间' }).click();
    await expect(page.getByRole('button', { name: /沙箱的时间.*真实时间/ })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(time).toBeHidden();
  });

  await test.step('two phones, each its own', async () => {
    await page.getByRole('button', { name: '并排看两位' }).click();
    const second = page.getByRole('region', { name: '王一川的手机' });
    await second.getByRole('button', { name: '关注', exact: true }).click();
    await expect(second.getByRole('log').getByText(/很高兴认识你/)).toBeVisible();
    await second.getByRole('combobox', { name: '旁边是谁' }).selectOption({ label: '陈可' });
    await expect(page.getByRole('region', { name: '陈可的手机' })).toBeVisible();
    await page.getByRole('tab', { name: '陈可' }).click();
    await expect(page.getByRole('region', { name: '林小满的手机' }).getByRole('log')).toBeVisible();
    await page.getByRole('button', { name: '并排看两位' }).click();
    await expect(page.getByRole('region', { name: '林小满的手机' })).toHaveCount(0);
  });
  expect(complaints).toEqual([]);
});

test('on a narrow screen faults and time are a view of their own, with what each does in words', async ({ page, server }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openSandboxPage(page, server);
  await page.getByRole('button', { name: '换成英文' }).click();
  await page.getByRole('button', { name: 'Faults, time' }).click();
  await expect(page.getByText('Never arrives; the platform tries again as always.')).toBeVisible();
  await page.getByRole('button', { name: '1 hour', exact: true }).click();
  await expect(page.getByText('1 h ahead').last()).toBeVisible();
  await page.getByRole('button', { name: 'One by one' }).click();
  await page.getByRole('button', { name: 'Add one' }).click();
  await expect(page.getByRole('dialog', { name: 'Faults' }).getByText('Answers after a while.')).toBeVisible();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
});

/** The rules of all faults, those of callbacks first. */
async function faultsOf({ address }: SandboxServer): Promise<unknown[]> {
  const { faults } = (await (await fetch(`${address}api/script`)).json()) as {
    faults: { plan: { calls: unknown[]; callbacks: unknown[] } };
  };
  return [...faults.plan.callbacks, ...faults.plan.calls];
}

/** Calls as the account of the shown people makes them. */
async function openPlatform({ address }: SandboxServer) {
  const { accounts } = (await (await fetch(`${address}api/state`)).json()) as SandboxState;
  const owned = (await (await fetch(`${address}api/accounts`)).json()) as OwnedAccount[];
  const { appId = '', appSecret = '' } = owned.find((account) => account.appId === accounts[0]?.appId) ?? {};
  const origin = new URL(address).origin;
  const grant = new URLSearchParams({ grant_type: 'client_credential', appid: appId, secret: appSecret });
  const { access_token: token } = (await (await fetch(`${origin}/cgi-bin/token?${grant}`)).json()) as { access_token: string };
  return async (call: string, body: object | undefined): Promise<unknown> => {
    const path = `${origin}/cgi-bin/${call}?access_token=${token}`;
    const answer = await fetch(path, body ? { method: 'POST', body: JSON.stringify(body) } : {});
    return answer.json();
  };
}
