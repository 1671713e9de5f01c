import type { MongoClientOptions } from 'mongodb';

/** How long the server may take. What the URL says is stronger. */
export function optionsOf(url: string): MongoClientOptions {
  const given = new Set([...new URLSearchParams(/\?(.*)$/s.exec(url)?.[1]).keys()].map((name) => name.toLowerCase()));
  const usual = {
    serverSelectionTimeoutMS: 5_000,
    // The driver's own watch over the server waits as long: one that writes a big batch answers late.
    connectTimeoutMS: 30_000,
    socketTimeoutMS: 60_000,
    appName: 'fleetscope-monitor',
  };
  return Object.fromEntries(Object.entries(usual).filter(([name]) => !given.has(name.toLowerCase())));
}
