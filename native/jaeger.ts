import { parts } from '../stack.ts';
import type { Tool } from './tool.ts';

/** Jaeger, where somebody has chosen it: most machines never build it. */
export const jaegerTool: Tool = {
  name: 'jaeger',
  programs: { jaeger: `${parts.jaeger.native.module}/cmd/jaeger` },
  remedy: 'Install a Go as new as native/jaeger/go.mod asks for (https://go.dev/dl), or start Docker.',
};
