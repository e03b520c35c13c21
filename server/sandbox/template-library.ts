/** A pattern that accounts take into use. */
export interface Pattern {
  /** `template_id_short` of a template message, `tid` of a subscription message. */
  readonly id: string;
  readonly title: string;
  readonly industry: readonly [primary: string, deputy: string];
  /** What stands in it, in order. */
  readonly fields: readonly PatternField[];
}

export interface PatternField {
  /** Its type and number: `thing2`. */
  readonly key: string;
  readonly name: string;
  readonly example: string;
}

/** How a pattern is written: a line a field, or only those fields that were chosen. */
export function contentOf(fields: readonly PatternField[]): string {
  return fields.map(({ key, name }) => `${name}:{{${key}.DATA}}\n`).join('');
}

export function exampleOf(fields: readonly PatternField[]): string {
  return fields.map(({ name, example }) => `${name}:${example}\n`).join('');
}

/** What a message made from this content shows: its lines, each with its name and key. */
export function linesOf(content: string): { name: string; key: string }[] {
  return content.split('\n').flatMap((line) => {
    const found = /^(.*?)[:：]?\s*\{\{(\w+)\.DATA\}\}\s*$/.exec(line);
    return found?.[2] === undefined ? [] : [{ name: found[1] ?? '', key: found[2] }];
  });
}

const retail = ['消费品', '消费品'] as const;
const food = ['餐饮', '餐饮'] as const;

/** The platform's library, as far as a shop has a use for it. */
export const library: readonly Pattern[] = [
  pattern(
    '43216',
    '订单支付成功通知',
    retail,
    'character_string1 订单编号 202608010001',
    'thing2 商品名称 手冲咖啡',
    'amount3 支付金额 39.8元',
    'time4 支付时间 2026年8月1日 15:01',
  ),
  pattern(
    '43301',
    '优惠券到账通知',
    retail,
    'thing1 优惠券名称 满30减5元券',
    'time2 有效期 2026年8月31日',
    'thing3 使用说明 到店出示',
  ),
  pattern(
    '43302',
    '优惠券到期提醒',
    retail,
    'thing1 优惠券名称 满30减5元券',
    'time2 到期时间 2026年8月31日 23:59',
    'thing3 温馨提示 请尽快使用',
  ),
  pattern(
    '43303',
    '优惠券核销成功通知',
    retail,
    'thing1 优惠券名称 满30减5元券',
    'thing2 核销门店 国贸店',
    'time3 核销时间 2026年8月1日 15:01',
  ),
  pattern(
    '43304',
    '退款成功通知',
    retail,
    'character_string1 订单编号 202608010001',
    'amount2 退款金额 39.8元',
    'time3 退款时间 2026年8月2日 10:00',
  ),
  pattern('43305', '会员积分变动提醒', retail, 'thing1 变动原因 到店消费', 'number2 变动数量 12', 'number3 当前积分 340'),
  pattern('43306', '取餐提醒', food, 'character_string1 取餐号 A018', 'thing2 门店名称 国贸店', 'phrase3 订单状态 已出餐'),
  pattern(
    '43307',
    '预约成功通知',
    food,
    'name1 预约人 林小满',
    'time2 预约时间 2026年8月1日 18:30',
    'thing3 预约门店 国贸店',
    'phone_number4 联系电话 010-65000000',
  ),
  // As templates were before they had types: accounts that have them still send them.
  pattern(
    'TM00015',
    '订单支付成功',
    retail,
    'first  您的订单已支付成功',
    'keyword1 商品 巧克力',
    'keyword2 金额 39.8元',
    'remark  欢迎再次光临',
  ),
];

function pattern(id: string, title: string, industry: Pattern['industry'], ...fields: readonly string[]): Pattern {
  const read = fields.map((text) => {
    const [key = '', name = '', ...example] = text.split(' ');
    return { key, name, example: example.join(' ') };
  });
  return { id, title, industry, fields: read };
}
