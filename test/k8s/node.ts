/** A machine within this one: namespaces of its own for network, mounts and processes, so that nodes do not know of each other. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa, type Options, type ResultPromise } from 'execa';

export interface Node {
  /** The first number that no other node had; its addresses are made of it. */
  readonly index: number;
  /** Everything it writes; gone when it ends. */
  readonly folder: string;
  /** By this address the machine around it reaches it. */
  readonly address: string;
  /** The machine around it: to the node, the internet. */
  readonly outside: string;
  /** Of its pods, a /24. */
  readonly podPrefix: string;
  /** Of its services, a /24. */
  readonly servicePrefix: string;
  /** Below the root of each hierarchy of control groups. */
  readonly cgroup: string;
  /** Runs a program in it. */
  run(program: string, args: readonly string[], options?: Options): ResultPromise<{ encoding: 'utf8' }>;
  stop(): Promise<void>;
}

/**
 * It lives as long as the pipe that this process holds: when this process ends, in whatever way, the node's first process reads
 * the end of it, and with that one the kernel ends all others, and their mounts, links and rules. What is on disk its keeper removes.
 */
export async function startNode(): Promise<Node> {
  const folder = mkdtempSync(join(tmpdir(), 'fleetscope-k8s-'));
  const cgroup = basename(folder);
  for (const root of hierarchies()) mkdirSync(join(root, cgroup));
  const keeper = execa('sh', ['-c', keep], {
    env: { FOLDER: folder, CGROUP: cgroup, OPEN: open, LIVE: live },
    // Out of reach of a Ctrl-C: it ends after everybody else.
    detached: true,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: { stdout: false },
    reject: false,
  });
  const stop = async () => {
    keeper.stdin.end();
    await keeper;
  };
  let pid: string | undefined;
  for await (const line of createInterface(keeper.stdout)) {
    if (line === 'ready') break;
    pid = line;
  }
  if (!pid) throw new Error(`Cannot make a node: ${(await keeper).stderr}`);
  const within = ['net', 'mnt', 'pid_for_children'].map(
    (name, i) => `--${['net', 'mount', 'pid'][i]}=/proc/${pid}/ns/${name}`,
  );
  const run: Node['run'] = (program, args, options) =>
    execa('nsenter', [...within, `--wd=${folder}`, '--', program, ...args], options as never) as never;
  try {
    const index = await claim(pid);
    const [outside, address] = [1, 2].map((host) => `10.211.${index}.${host}`) as [string, string];
    const [podPrefix, servicePrefix] = [212, 213].map((range) => `10.${range}.${index}`) as [string, string];
    await execa('ip', ['address', 'add', `${outside}/30`, 'dev', link(index)]);
    await execa('ip', ['link', 'set', link(index), 'up']);
    await run('ip', ['address', 'add', `${address}/30`, 'dev', 'uplink']);
    await run('ip', ['link', 'set', 'uplink', 'up']);
    await run('ip', ['route', 'add', 'default', 'via', outside]);
    for (const prefix of [podPrefix, servicePrefix])
      await execa('ip', ['route', 'add', `${prefix}.0/24`, 'via', address]);
    return { index, folder, address, outside, podPrefix, servicePrefix, cgroup, run, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Takes the first number whose link nobody has: the kernel makes a name once. It is gone with the node. */
async function claim(pid: string): Promise<number> {
  for (let index = 0; index < 250; index++) {
    const peer = ['peer', 'name', 'uplink', 'netns', pid];
    const { failed, stderr = '' } = await execa('ip', ['link', 'add', link(index), 'type', 'veth', ...peer], {
      reject: false,
    });
    if (!failed) return index;
    if (!/File exists/.test(stderr)) throw new Error(`Cannot make a node: "ip link add" said ${stderr}`);
  }
  throw new Error('Cannot make a node: 250 of them run already. Look for what should have ended: ip link.');
}

function link(index: number): string {
  return `fleetscope${index}`;
}

/** Of version 1 there are many, of version 2 one. */
function hierarchies(): string[] {
  const root = '/sys/fs/cgroup';
  const all = [root, ...readdirSync(root).map((name) => join(root, name))];
  // Within version 2, what has processes is somebody's group.
  const found = all.filter((path) => existsSync(join(path, 'cgroup.procs')));
  return found[0] === root ? [root] : found;
}

/** Waits for the end of the node, and removes what the kernel does not. */
const keep = `
unshare --net --mount -- sh -c "$OPEN"
rm -rf "$FOLDER"
for try in 1 2 3 4 5; do
  find /sys/fs/cgroup -depth -type d -path "*/$CGROUP*" -exec rmdir {} + 2>/dev/null
  find /sys/fs/cgroup -type d -path "*/$CGROUP" | grep -q . || break
  sleep 0.2
done`;

/** The number of the process whose namespaces are the node's, as it is known outside. */
const open = `echo $$; exec unshare --pid --fork --kill-child -- sh -c "$LIVE"`;

/** What programs leave below these folders is the node's own. */
const live = `
mount -t proc proc /proc
for path in /run /var/lib /var/log; do mount -t tmpfs tmpfs $path; done
ip link set lo up
echo 1 >/proc/sys/net/ipv4/ip_forward
echo ready
cat >/dev/null
true`;
