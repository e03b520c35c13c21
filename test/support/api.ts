import { apiPrefix } from '../../server/api/route.ts';

/** What the API answered, its JSON read. */
export interface Answered<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
  /** To be sent as If-Match. */
  readonly etag: string;
}

/** Somebody who calls the API: staff by session, a program by key, or nobody. */
export interface ApiClient {
  get<Body>(path: string, headers?: Record<string, string>): Promise<Answered<Body>>;
  post<Body>(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered<Body>>;
  put<Body>(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered<Body>>;
  patch<Body>(path: string, body: unknown, etag: string): Promise<Answered<Body>>;
  delete<Body>(path: string, etag?: string): Promise<Answered<Body>>;
  /** A request as it is: `path` under the API. */
  send(path: string, init?: RequestInit): Promise<Response>;
  /** The headers by which this caller is known. */
  readonly headers: Readonly<Record<string, string>>;
}

/** One of the staff, signed in. */
export interface StaffClient extends ApiClient {
  readonly id: string;
  readonly merchantId: string;
  readonly login: string;
}

/** The people of a merchant that has just opened. */
export interface Signed {
  readonly nobody: ApiClient;
  readonly owner: StaffClient;
  /** Invites somebody of this role, who joins. */
  join(role: 'owner' | 'manager' | 'clerk' | 'agent', name?: string): Promise<StaffClient>;
  /** A program with a key of these scopes. */
  program(scopes: readonly string[]): Promise<ApiClient & { readonly id: string }>;
  /** The owner of a further merchant on the same server. */
  openMerchant(slug: string): Promise<Signed>;
}

export const testPassword = 'four words nobody guesses';

interface SignedIn {
  staff: { id: string; login: string };
  merchant: { id: string };
  token: string;
}

/** The owner signs up by the link that the server prints at start. */
export async function signUp({ url, ownerLink }: { url: string; ownerLink?: string }): Promise<Signed> {
  if (!ownerLink) throw new Error('the house has an owner already');
  return signUpBy(url, ownerLink);
}

/** A caller who sends these headers. */
export function createApiClient(url: string, headers: Readonly<Record<string, string>> = {}): ApiClient {
  const send = (path: string, init: RequestInit = {}) =>
    fetch(`${url}${apiPrefix}${path}`, { ...init, headers: { ...headers, ...(init.headers as Record<string, string>) } });
  async function call<Body>(
    method: string,
    path: string,
    body: unknown,
    more: Record<string, string> = {},
  ): Promise<Answered<Body>> {
    const json = body === undefined ? {} : { 'Content-Type': 'application/json' };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await send(path, { method, headers: { ...json, ...more }, ...sent });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson && text !== '' ? JSON.parse(text) : text) as Body,
      etag: response.headers.get('etag') ?? '',
    };
  }
  return {
    headers,
    send,
    get: (path, more) => call('GET', path, undefined, more),
    post: (path, body, more) => call('POST', path, body, more),
    put: (path, body, more) => call('PUT', path, body, more),
    patch: (path, body, etag) => call('PATCH', path, body, { 'If-Match': etag }),
    delete: (path, etag) => call('DELETE', path, undefined, etag === undefined ? {} : { 'If-Match': etag }),
  };
}

async function signUpBy(url: string, ownerLink: string): Promise<Signed> {
  const nobody = createApiClient(url);
  const owner = await useLink(url, ownerLink, '林老板');
  return {
    nobody,
    owner,
    async join(role, name = `新来的 ${role}`) {
      const link = await owner.post<{ url: string }>('/links', { role, name });
      return useLink(url, expectStatus(link, 201).url, name);
    },
    async program(scopes) {
      const made = expectStatus(
        await owner.post<{ key: { id: string }; secret: string }>('/keys', { name: '收银机', scopes }),
        201,
      );
      return { ...createApiClient(url, { Authorization: `Bearer ${made.secret}` }), id: made.key.id };
    },
    async openMerchant(slug) {
      const profile = { slug, name: `${slug} 店`, zone: 'Asia/Shanghai', language: 'zh' };
      return signUpBy(url, expectStatus(await owner.post<{ url: string }>('/merchants', profile), 201).url);
    },
  };
}

let people = 0;

async function useLink(url: string, link: string, name: string): Promise<StaffClient> {
  const token = link.split('/').at(-1);
  const given = { token, name, login: `person${++people}@example.com`, password: testPassword, as: 'bearer' };
  const { staff, merchant, token: session } = expectStatus(await createApiClient(url).post<SignedIn>('/links/use', given), 201);
  const client = createApiClient(url, { Authorization: `Bearer ${session}` });
  return { ...client, id: staff.id, merchantId: merchant.id, login: staff.login };
}

function expectStatus<Body>({ status, body }: Answered<Body>, wanted: number): Body {
  if (status !== wanted) throw new Error(`the API answered ${status}: ${JSON.stringify(body)}`);
  return body;
}
