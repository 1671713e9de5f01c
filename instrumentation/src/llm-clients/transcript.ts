type Fields = Readonly<Record<string, unknown>>;

interface Part {
  role: string;
  text: string;
  /** Arguments of a tool call, as JSON text. */
  calls: Map<number, { name?: unknown; arguments: string }>;
}

/** The texts of an answer, put together from a stream where it is one. Only there when content capture is on. */
export class Transcript {
  #whole: unknown;
  readonly #parts = new Map<number, Part>();

  /** As the provider writes it in one piece, or as one message for each choice; undefined before anything came. */
  get messages(): unknown {
    if (this.#whole !== undefined) return this.#whole;
    if (this.#parts.size === 0) return undefined;
    return [...this.#parts.values()].map(({ role, text, calls }) => ({
      role,
      content: text,
      ...(calls.size > 0 && { tool_calls: [...calls.values()] }),
    }));
  }

  whole(value: Fields): void {
    this.#whole = Array.isArray(value.choices)
      ? value.choices.map((choice) => choice?.message ?? { role: 'assistant', content: choice?.text })
      : Array.isArray(value.content)
        ? [{ role: 'assistant', content: value.content }]
        : value.output;
  }

  event(data: Fields): void {
    if (Array.isArray(data.choices)) for (const choice of data.choices) this.#choice(choice);
    if (data.type === 'content_block_start') this.#call(0, data.index, (data.content_block as Fields).name, '');
    if (data.type === 'content_block_delta') {
      const { text = '', partial_json: json } = data.delta as { text?: string; partial_json?: string };
      this.#part(0).text += text;
      if (json) this.#call(0, data.index, undefined, json);
    }
  }

  #choice(choice: { index?: number; text?: string; delta?: { content?: string; tool_calls?: Fields[] } }): void {
    const at = choice.index ?? 0;
    this.#part(at).text += choice.delta?.content ?? choice.text ?? '';
    for (const { index, function: called } of choice.delta?.tool_calls ?? []) {
      const { name, arguments: json = '' } = (called ?? {}) as { name?: string; arguments?: string };
      this.#call(at, index, name, json);
    }
  }

  #call(at: number, index: unknown, name: unknown, json: string): void {
    const { calls } = this.#part(at);
    const known = calls.get(Number(index));
    if (known) known.arguments += json;
    else if (name !== undefined) calls.set(Number(index), { name, arguments: json });
  }

  #part(at: number): Part {
    const part = this.#parts.get(at) ?? { role: 'assistant', text: '', calls: new Map() };
    this.#parts.set(at, part);
    return part;
  }
}
