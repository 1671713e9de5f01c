import type { Reporter, TestModule } from 'vitest/node';

/** Ends a run with one line that any reader of logs understands: `12 passed, 0 failed`. */
export default class PlainLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0;
    let failed = errors.length;
    for (const module of modules) {
      const states = [...module.children.allTests()].map((test) => test.result().state);
      passed += states.filter((state) => state === 'passed').length;
      const failures = states.filter((state) => state === 'failed').length;
      // A module that fails with no test of its own failing failed while it was loaded or set up.
      failed += module.state() === 'failed' ? Math.max(1, failures) : failures;
    }
    console.log(`\n${passed} passed, ${failed} failed`);
  }
}
