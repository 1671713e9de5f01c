/** What the end of a process needs of us. */
export interface Ending {
  /** Collects observed values too. Runs promises, but neither timers nor I/O of its own: the loop is not kept alive by it. */
  collect(): Promise<void>;
  /** Hands everything buffered to the sending thread. Synchronous and quick. */
  handOver(): void;
  /** Blocks until the thread has sent or lost it, within the flush limit. */
  waitUntilSettled(): void;
  /** The same for much shorter: the host goes on afterwards, or dies at once. */
  waitBriefly(): void;
}

/** Signals after which Node dies unless somebody listens. */
const signals = ['SIGTERM', 'SIGINT'] as const;

/**
 * Sends what is buffered before the process ends, and leaves how it ends to the host.
 *
 * `exit` is the one moment that natural ends, `process.exit()` and crashes share. It is synchronous, so the flush is too.
 * No promise is awaited in `beforeExit`: that would make Node emit it again, and the host would see it twice.
 */
export function flushAtTheEnd(host: NodeJS.Process, ending: Ending): void {
  makeRoomForListener(host);
  collectBeforeExit(host, ending);
  host.on('exit', () => {
    flush(ending);
    // What hangs after this, a file system that does not answer, say, must be killable as it would be without us.
    stopListening();
  });
  for (const signal of signals) host.on(signal, onSignal);

  function onSignal(signal: NodeJS.Signals): void {
    // Before anything else: a host that looks whether it is the only listener, as signal-exit does, then finds it is.
    stopListening();
    if (host.listenerCount(signal) > 0) {
      // The host decides, and `exit` comes when it has; but where it dies of the signal, as with signal-exit, this is the
      // last moment.
      attempt(ending.handOver);
      attempt(ending.waitBriefly);
      return;
    }
    flush(ending);
    host.kill(host.pid, signal);
  }

  function stopListening(): void {
    for (const signal of signals) host.removeListener(signal, onSignal);
  }
}

/**
 * A callback of the host that awaits I/O keeps the loop alive, and Node emits `beforeExit` again when that is done: collecting
 * each time would go on forever.
 */
function collectBeforeExit(host: NodeJS.Process, ending: Ending): void {
  let left = mostCollections;
  host.on('beforeExit', () => {
    if (left === 0) return;
    left -= 1;
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    ending.collect().then(done, done);
    // Promises have all run when this does; what is left then waits for I/O.
    setImmediate(() => {
      if (!isDone) left = 0;
    }).unref();
  });
}

/** For hosts that find more work in `beforeExit`, which are few, and rarely do so again. I/O may be done before one can look. */
const mostCollections = 3;

function flush(ending: Ending): void {
  attempt(ending.handOver);
  attempt(ending.waitUntilSettled);
}

function attempt(step: () => void): void {
  try {
    step();
  } catch {
    // An exception in here would replace the host's own end by ours.
  }
}

// Our listener must not be the eleventh that makes Node warn of a leak in the host.
function makeRoomForListener(host: NodeJS.Process): void {
  const most = host.getMaxListeners();
  if (most > 0) host.setMaxListeners(most + 1);
}
