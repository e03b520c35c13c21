import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readForm } from '../../server/sandbox/multipart.ts';
import { openMessages } from './messages-world.ts';

/** The calls about messages, files and articles that take JSON. */
const names = [
  ...['custom/send', 'custom/typing', 'template/send', 'template/subscribe', 'subscribe/send', 'subscribe/bizsend'].map(
    (name) => `cgi-bin/message/${name}`,
  ),
  ...['sendall', 'send', 'preview', 'get', 'delete', 'speed/get', 'speed/set'].map((name) => `cgi-bin/message/mass/${name}`),
  ...['api_add_template', 'api_set_industry', 'del_private_template'].map((name) => `cgi-bin/template/${name}`),
  ...['addtemplate', 'deltemplate'].map((name) => `wxaapi/newtmpl/${name}`),
  ...['get_material', 'del_material', 'batchget_material'].map((name) => `cgi-bin/material/${name}`),
  ...['add', 'get', 'delete', 'update', 'batchget'].map((name) => `cgi-bin/draft/${name}`),
  ...['submit', 'get', 'getarticle', 'batchget', 'delete'].map((name) => `cgi-bin/freepublish/${name}`),
  ...['uploadvideo', 'uploadnews'].map((name) => `cgi-bin/media/${name}`),
];

const fields = [
  ...['touser', 'towxname', 'msgtype', 'text', 'image', 'images', 'news', 'mpnews', 'msgmenu', 'msg_id', 'filter', 'is_to_all'],
  ...['tag_id', 'clientmsgid', 'template_id', 'data', 'page', 'miniprogram', 'url', 'tid', 'kidList', 'sceneDesc', 'media_id'],
  ...[
    'articles',
    'title',
    'content',
    'thumb_media_id',
    'article_type',
    'image_info',
    'index',
    'offset',
    'count',
    'speed',
    'scene',
  ],
  ...['article_id', 'publish_id', 'command', 'list', 'id', 'media_ids', 'keyword_name_list', 'value', 'type', 'name'],
  ...['__proto__', 'constructor', '$where', 'toString'],
];

const words = fc.constantFrom(
  'text',
  'image',
  'news',
  'mpnews',
  'msgmenu',
  'constructor',
  '__proto__',
  '',
  'x',
  '7',
  '$ne',
  'Typing',
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(words, fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null)),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...fields), tie('any'), { maxKeys: 8 }),
  ),
})).any;
const body = fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 12 });

test('whatever a call asks, it is answered with the status 200 and in JSON, with a code of the platform’s own', async () => {
  const { page, path, openid, sandbox, database } = await openMessages();
  await sandbox.follow(openid);
  // The quotas are not what is tried here.
  const addresses = new Map<string, string>();
  for (const name of names) addresses.set(name, await path(name));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), body, fc.boolean(), async (name, asked, isNamed) => {
      await database.connection.collection('quotas').deleteMany({});
      const sent = isNamed ? { ...asked, touser: openid } : asked;
      const answer = await page.call(addresses.get(name) ?? '', JSON.stringify(sent));
      expect(answer.status).toBe(200);
      const { errcode = 0 } = answer.body as { errcode?: number };
      expect(errcode).toEqual(expect.any(Number));
      // -1 is what the platform says of a fault of its own.
      expect(errcode).not.toBe(-1);
    }),
    { numRuns: 150, examples: [['wxaapi/newtmpl/addtemplate', { tid: { toString: 'text' } }, false]] },
  );
});

test('a form comes out as it went in, whatever its files hold', () => {
  const boundary = fc.stringMatching(/^[A-Za-z0-9'()+_,./:=?-]{1,40}$/).map((text) => `-${text}`);
  const bytes = fc.array(
    fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constantFrom('\r\n--', '--', '\r\n\r\n', '"').map(Buffer.from)),
  );
  fc.assert(
    fc.property(boundary, bytes, fc.stringMatching(/^[^"\r\n\0]{0,20}$/), (mark, pieces, name) => {
      const file = Buffer.concat(pieces);
      // A sender picks a boundary that its files do not hold.
      fc.pre(!file.includes(`\r\n--${mark}`));
      const head = `--${mark}\r\nContent-Disposition: form-data; name="media"; filename="${name}"\r\n\r\n`;
      const form = Buffer.concat([Buffer.from(head), file, Buffer.from(`\r\n--${mark}--\r\n`)]);
      const read = readForm(form, `multipart/form-data; boundary="${mark}"`);
      expect(read?.files.get('media')).toEqual({ name, bytes: file });
    }),
  );
});

test('bytes that are no form never break the reader', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom('--x', '\r\n', '--', 'name="a"', 'content-disposition: form-data; '), fc.string())),
      (pieces) => {
        const form = Buffer.from(pieces.join(''));
        expect(() => readForm(form, 'multipart/form-data; boundary=x')).not.toThrow();
      },
    ),
  );
});
