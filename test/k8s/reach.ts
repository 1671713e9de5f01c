/** Who reaches whom, tried out from within the networks of pods. */
import type { Node } from './node.ts';

export interface Address {
  readonly ip: string;
  readonly port: number;
  /** @default 'tcp' */
  readonly protocol?: 'tcp' | 'udp';
}

/** Address of a pod → its network, by name. */
export async function networksOf(node: Node): Promise<Map<string, string>> {
  const { stdout: list } = await node.run('ls', ['/run/netns']);
  const found = new Map<string, string>();
  for (const name of list.split('\n').filter(Boolean)) {
    const { stdout } = await node.run('ip', ['-netns', name, '-4', '-oneline', 'address', 'show', 'dev', 'eth0']);
    const [, ip] = /inet ([\d.]+)/.exec(stdout) ?? [];
    if (ip) found.set(ip, name);
  }
  return found;
}

/** Beside the node, what is not the cluster: a network that answers to some addresses. */
export async function makeInternet(node: Node, addresses: readonly string[]): Promise<string> {
  const name = 'internet';
  const run = (...args: string[]) => node.run('ip', args);
  await run('netns', 'add', name);
  await run('link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  await run('address', 'add', '198.51.100.1/30', 'dev', name);
  await run('link', 'set', name, 'up');
  await run('-netns', name, 'address', 'add', '198.51.100.2/30', 'dev', 'eth0');
  for (const address of addresses) await run('-netns', name, 'address', 'add', `${address}/32`, 'dev', 'eth0');
  await run('-netns', name, 'link', 'set', 'eth0', 'up');
  await run('-netns', name, 'link', 'set', 'lo', 'up');
  await run('-netns', name, 'route', 'add', 'default', 'via', '198.51.100.1');
  for (const address of addresses) await run('route', 'add', `${address}/32`, 'via', '198.51.100.2');
  return name;
}

/** Answers on ports of a network, by TCP and by UDP, until the node ends. @returns when it does. */
export async function listen(node: Node, network: string, ports: readonly number[]): Promise<void> {
  const process = node.run('ip', within(network, listening, ...ports.map(String)), {
    reject: false,
    stdin: 'ignore',
  });
  const listens = new Promise((resolve) => process.stdout.once('data', () => resolve(undefined)));
  const ended = await Promise.race([listens, process]);
  if (ended) throw new Error(`Cannot listen in ${network}: it has ended. ${JSON.stringify(ended)}`);
}

/** @returns which of the addresses can be connected to from a network; by UDP, which of them answer a question that a name service understands. */
export async function reached(node: Node, network: string, addresses: readonly Address[]): Promise<boolean[]> {
  const { stdout } = await node.run('ip', within(network, connecting), {
    input: JSON.stringify(addresses),
  });
  return JSON.parse(stdout as string) as boolean[];
}

function within(network: string, script: string, ...args: string[]): string[] {
  return ['netns', 'exec', network, process.execPath, '--input-type=module', '--eval', script, ...args];
}

const listening = `import { createServer } from 'node:net';
import { createSocket } from 'node:dgram';
const ports = process.argv.slice(1).map(Number);
await Promise.all(ports.map((port) => new Promise((resolve) =>
  createServer((socket) => socket.on('error', () => {}).end()).listen(port, '0.0.0.0', resolve))));
await Promise.all(ports.map((port) => new Promise((resolve) => {
  const socket = createSocket('udp4', (message, from) => socket.send(message, from.port, from.address)).on('error', () => {});
  socket.bind(port, '0.0.0.0', resolve);
})));
console.log('ready');
`;

const connecting = `import { connect } from 'node:net';
import { createSocket } from 'node:dgram';
import { text } from 'node:stream/consumers';
const tcp = ({ ip, port }) => new Promise((resolve) => {
  const end = (isReached) => { socket.destroy(); resolve(isReached); };
  const socket = connect({ host: ip, port }, () => end(true)).on('error', () => end(false));
  socket.setTimeout(1500, () => end(false));
});
// For the address of the root: id, one question.
const question = Buffer.from('0001010000010000000000000000010001', 'hex');
const udp = ({ ip, port }) => new Promise((resolve) => {
  const timers = [];
  const end = (isReached) => { timers.forEach(clearTimeout); socket.close(() => resolve(isReached)); };
  const socket = createSocket('udp4', () => end(true)).on('error', () => end(false));
  const ask = () => socket.send(question, port, ip);
  // What nobody has seen is lost without a word.
  timers.push(...[0, 500, 1000].map((ms) => setTimeout(ask, ms)), setTimeout(() => end(false), 1500));
});
const asked = JSON.parse(await text(process.stdin));
console.log(JSON.stringify(await Promise.all(asked.map((one) => (one.protocol === 'udp' ? udp : tcp)(one)))));
`;
