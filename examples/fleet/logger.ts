import pino from 'pino';

/** Where a process tells what it does, on stdout; the preload sends the lines on with the trace they belong to. */
export const logger = pino({ level: process.env.LOG_LEVEL ?? 'info', base: null });
