import { randomBytes } from 'node:crypto';
import type { Settings } from '../fleet.ts';
import type { LedgerRow } from '../model-server/ledger.ts';
import { createModelServer } from '../model-server/server.ts';
import { openDocs } from '../world/docs.ts';
import { openGithub } from '../world/github.ts';
import { type FaultKind, orders } from './faults.ts';
import { modelSettings } from './model-access.ts';
import { demoModels } from './models.ts';
import type { DemoOptions } from './options.ts';

/** What is around the fleet: models, a code host, a documentation site. */
export interface World {
  /** What a fleet has to know to work in it. */
  settings: Settings;
  /** Has the models be in these troubles and no others. */
  switchFaults(on: readonly FaultKind[]): void;
  /** What the model server counted; undefined with real models. */
  ledger(): LedgerRow[] | undefined;
  github: { issues: number; closed: number; commits: number };
  close(): Promise<void>;
}

const executionMs = { usual: 5_000, soak: 1_500 };

export async function openWorld(options: Pick<DemoOptions, 'seed' | 'speed' | 'modelUrl'> & Access): Promise<World> {
  const { seed, speed, modelUrl } = options;
  const own = modelUrl ? undefined : createModelServer({ seed, speed, models: demoModels, faults: orders([]) });
  const [models, github, docs] = await Promise.all([own?.listen(), openGithub(), openDocs()]);
  const tokenSecret = randomBytes(16).toString('hex');
  return {
    settings: {
      ...{ seed, speed, tokenSecret, executionMs, githubUrl: github.url, docsUrl: docs.url },
      models: modelSettings(options, models?.url),
    },
    switchFaults(on) {
      for (const order of orders(on)) own?.fault(order);
    },
    ledger: () => own?.ledger.rows(),
    github: github.kept,
    async close() {
      github.close();
      docs.close();
      await models?.close();
    },
  };
}

type Access = Parameters<typeof modelSettings>[0];
