import { describe, expect, it } from 'vitest';
import { nameIn } from '../../console/src/console/api/form-names.ts';
import { changesBetween } from '../../console/src/console/states/changes.ts';
import { sayField } from '../../console/src/console/texts/field-words.ts';

describe('a fault of a field', () => {
  it('is said in Chinese where the house has words for its code, else as the server says it', () => {
    expect(sayField('zh', 'too-common', 'among the first that are tried')).toBe('这个密码太常见，别人第一批就会试，换一个');
    expect(sayField('zh', 'invalid_type', '无效输入')).toBe('无效输入');
    expect(sayField('en', 'too-common', 'among the first that are tried')).toBe('among the first that are tried');
  });

  it('stands at the field whose path it is in, the longest first', () => {
    expect(nameIn(['name', 'traits', 'traits.kind'], 'traits.kind')).toBe('traits.kind');
    expect(nameIn(['name', 'traits'], 'traits.kind')).toBe('traits');
    expect(nameIn(['name'], 'names')).toBeUndefined();
  });
});

describe('what somebody else changed', () => {
  const before = { name: '半日麦', zone: 'Asia/Shanghai', storeIds: ['a'], version: 1 };

  it('is told of the fields that have a label, with both values', () => {
    const now = { ...before, name: '半日麦烘焙', version: 2 };
    expect(changesBetween(before, now, { name: '店名', zone: '时区' })).toEqual([
      { label: '店名', before: '半日麦', now: '半日麦烘焙' },
    ]);
  });

  it('is by what fields hold, not by which object holds it', () => {
    expect(changesBetween(before, { ...before, storeIds: ['a'] }, { storeIds: '门店' })).toEqual([]);
    const say = (_: string, value: unknown) => (value as string[]).join('、');
    expect(changesBetween(before, { ...before, storeIds: ['a', 'b'] }, { storeIds: '门店' }, say)).toEqual([
      { label: '门店', before: 'a', now: 'a、b' },
    ]);
  });
});
