import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Speech } from './contract.ts';
import type { Elements, Notice } from './speech.ts';

/** What a person does with a menu button that does more than tell its key (wechat.md §1.4, §4). */
export type MenuStep = Extract<Speech, { kind: `menu-${string}` }>;

const key = z.string().min(1).max(128);
const menuId = z.number().int().min(0);
const url = z
  .string()
  .max(1024)
  .refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), 'is not an http(s) address');

/** Their forms, as the page sends them. */
export const menuStepSchemas = [
  z.strictObject({ kind: z.literal('menu-page'), url, menuId }),
  z.strictObject({ kind: z.literal('menu-app'), path: z.string().min(1).max(1024), menuId }),
  z.strictObject({ kind: z.literal('menu-scan'), key, content: z.string().min(1).max(1024), isAwaited: z.boolean() }),
  z.strictObject({ kind: z.literal('menu-picture'), key, from: z.enum(['camera', 'camera-or-album', 'album']), url }),
  z.strictObject({
    kind: z.literal('menu-place'),
    key,
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    label: z.string().min(1).max(200),
  }),
] as const;

const pictureEvents = { camera: 'pic_sysphoto', 'camera-or-album': 'pic_photo_or_album', album: 'pic_weixin' } as const;

export function isMenuStep(speech: Speech): speech is MenuStep {
  return speech.kind.startsWith('menu-');
}

/** The event by which the server hears of it. */
export function menuNotice(step: MenuStep): Notice {
  switch (step.kind) {
    case 'menu-page':
      return event('VIEW', step.url, ['EventKey', step.url], ['MenuId', step.menuId]);
    case 'menu-app':
      return event('view_miniprogram', step.path, ['EventKey', step.path], ['MenuId', step.menuId]);
    case 'menu-scan': {
      const scanned: Elements = [
        ['ScanType', 'qrcode'],
        ['ScanResult', step.content],
      ];
      const kind = step.isAwaited ? 'scancode_waitmsg' : 'scancode_push';
      return event(kind, step.content, ['EventKey', step.key], ['ScanCodeInfo', scanned]);
    }
    case 'menu-picture': {
      // The platform tells the digest of the picture; the sandbox has its address alone.
      const sum = createHash('md5').update(step.url).digest('hex');
      const pictures: Elements = [
        ['Count', 1],
        ['PicList', [['item', [['PicMd5Sum', sum]]]]],
      ];
      return event(pictureEvents[step.from], step.key, ['EventKey', step.key], ['SendPicsInfo', pictures]);
    }
    case 'menu-place': {
      // These travel as text, unlike those of a location message.
      const place: Elements = [
        ['Location_X', String(step.latitude)],
        ['Location_Y', String(step.longitude)],
        ['Scale', '16'],
        ['Label', step.label],
        ['Poiname', ''],
      ];
      return event('location_select', step.label, ['EventKey', step.key], ['SendLocationInfo', place]);
    }
  }
}

function event(kind: string, excerpt: string, ...elements: Elements): Notice {
  return { kind, excerpt, elements, isEvent: true };
}
