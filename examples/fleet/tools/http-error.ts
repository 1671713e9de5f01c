/** A service answered, but not with what was asked. */
export class HttpError extends Error {
  override name = 'HttpError';
  /** HTTP status. */
  readonly status: number;
  readonly headers: Headers;

  constructor(message: string, status: number, headers = new Headers()) {
    super(message);
    this.status = status;
    this.headers = headers;
  }

  static async of(response: Response): Promise<HttpError> {
    const { origin, pathname } = new URL(response.url);
    const said = (await response.text().catch(() => '')).slice(0, 200);
    return new HttpError(
      `Cannot use ${origin}${pathname}: it answered ${response.status} ${said}.`,
      response.status,
      response.headers,
    );
  }
}
