import { database, memoryAccess, observeMemory } from '@fleetscope/instrumentation';
import type { Counts } from '../counts.ts';
import { Pool } from './pool.ts';
import { similarity } from './similarity.ts';

export interface Note {
  id: number;
  text: string;
  /** Of the text to what was looked for, 0 to 1. */
  similarity: number;
}

interface Surroundings {
  counts: Counts;
  embed(text: string): Promise<Float32Array>;
}

const connections = 3;

/** What agents remember: notes in SQLite, found again by their meaning. The oldest are forgotten. */
export class Memory {
  readonly #pool: Pool;
  readonly #surroundings: Surroundings;
  readonly #keep: number;
  /** By note, the oldest first. */
  readonly #vectors = new Map<number, Float32Array>();
  readonly #watch = observeMemory('memory-vectors', () => {
    const [first] = this.#vectors.values();
    return this.#vectors.size * (first?.byteLength ?? 0);
  });

  /** `keep`: how many notes there are at most. */
  constructor(path: string, surroundings: Surroundings, keep = 300) {
    this.#pool = new Pool('memory', path, connections);
    this.#surroundings = surroundings;
    this.#keep = keep;
  }

  async open(): Promise<void> {
    await this.#pool.use((connection) =>
      connection.exec('CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, author TEXT, text TEXT, vector BLOB)'),
    );
  }

  /** The notes nearest in meaning, best first. */
  recall(question: string, most = 3): Promise<Note[]> {
    return this.#count('search', () =>
      memoryAccess({ layer: 'semantic', operation: 'search', pattern: 'vector' }, async ({ found }) => {
        const wanted = await this.#surroundings.embed(question);
        const nearest = [...this.#vectors]
          .map(([id, vector]) => ({ id, similarity: similarity(wanted, vector) }))
          .sort((a, b) => b.similarity - a.similarity)
          .slice(0, most);
        const notes = nearest.length > 0 ? await this.#read(nearest) : [];
        found(notes.length, nearest[0]?.similarity);
        return notes;
      }),
    );
  }

  /** Keeps a text; what is one too many is forgotten. */
  async remember(author: string, text: string): Promise<void> {
    await this.#count('write', () =>
      memoryAccess({ layer: 'semantic', operation: 'write', pattern: 'append' }, () =>
        // The connection is held while the vector is made, as within a transaction.
        this.#pool.use(async (connection) => {
          const vector = await this.#surroundings.embed(text);
          const id = database({ system: 'sqlite', operation: 'INSERT', database: 'memory' }, () =>
            connection
              .prepare('INSERT INTO notes (author, text, vector) VALUES (?, ?, ?)')
              .run(author, text, new Uint8Array(vector.buffer)),
          ).lastInsertRowid;
          this.#vectors.set(Number(id), vector);
        }),
      ),
    );
    const oldest = [...this.#vectors.keys()].slice(0, Math.max(0, this.#vectors.size - this.#keep));
    if (oldest.length > 0) await this.#forget(oldest);
  }

  close(): void {
    this.#watch.stop();
    this.#pool.close();
  }

  #read(nearest: { id: number; similarity: number }[]): Promise<Note[]> {
    return this.#pool.use((connection) =>
      database({ system: 'sqlite', operation: 'SELECT', database: 'memory' }, () => {
        const byId = connection.prepare('SELECT text FROM notes WHERE id = ?');
        return nearest.flatMap(({ id, similarity }) => {
          const row = byId.get(id);
          return row ? [{ id, similarity, text: String(row.text) }] : [];
        });
      }),
    );
  }

  #forget(ids: number[]): Promise<void> {
    for (const id of ids) this.#vectors.delete(id);
    return this.#count('delete', () =>
      memoryAccess({ layer: 'semantic', operation: 'delete', pattern: 'oldest' }, () =>
        this.#pool.use((connection) => {
          database({ system: 'sqlite', operation: 'DELETE', database: 'memory' }, () =>
            connection.prepare('DELETE FROM notes WHERE id <= ?').run(Math.max(...ids)),
          );
        }),
      ),
    );
  }

  #count<T>(operation: string, access: () => Promise<T>): Promise<T> {
    return this.#surroundings.counts.of('memory', operation, access());
  }
}
