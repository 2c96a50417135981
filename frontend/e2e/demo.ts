import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    url: string;
    /** The password of all the demo's sign-ins. */
    password: string;
  }
}

const binary = resolve(import.meta.dirname, "../..", process.env.MUSTER_BIN ?? "bin/muster");

/** How long the demo's stations may take on a slow machine. */
const PATIENCE_MS = 900_000;

/**
 * Starts the demo provider in a fresh directory, and ends it with the tests.
 * MUSTER_E2E_URL and MUSTER_E2E_PASSWORD name a demo that runs already.
 */
export default async function startDemo(project: TestProject): Promise<() => Promise<void>> {
  if (process.env.MUSTER_E2E_URL) {
    project.provide("url", process.env.MUSTER_E2E_URL);
    project.provide("password", process.env.MUSTER_E2E_PASSWORD ?? "");
    return async () => {};
  }
  const folder = mkdtempSync(join(tmpdir(), "muster-e2e-"));
  const port = await freePort();
  const demo = spawn(binary, ["demo", "--dir", join(folder, "demo"), "--listen", `127.0.0.1:${port}`], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = async () => {
    const ended = new Promise((done) => demo.once("exit", done));
    if (demo.exitCode === null && demo.kill("SIGTERM")) await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const output = await untilServing(demo, `http://127.0.0.1:${port}`);
    project.provide("url", `http://127.0.0.1:${port}`);
    project.provide("password", passwordOf(output));
  } catch (cause) {
    await stop();
    throw cause;
  }
  return stop;
}

/** A port that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => done(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** What the demo wrote until it said that it serves. */
function untilServing(demo: ChildProcess, url: string): Promise<string> {
  return new Promise((done, failed) => {
    let output = "";
    const timer = setTimeout(() => failed(new Error(`the demo does not serve yet:\n${output}`)), PATIENCE_MS);
    const hear = (chunk: Buffer) => {
      output += chunk.toString();
      // The summary's last line says how to stop; the sign-ins stand before it.
      if (output.includes(url) && output.includes("Ctrl+C")) {
        clearTimeout(timer);
        done(output);
      }
    };
    demo.stdout?.on("data", hear);
    demo.stderr?.on("data", hear);
    demo.once("error", failed);
    demo.once("exit", (code) => failed(new Error(`the demo ended with ${code}:\n${output}`)));
  });
}

/** The password that the demo's sign-ins share, from its summary. */
function passwordOf(summary: string): string {
  const [, password] = /with the password "([^"]+)"/.exec(summary) ?? [];
  if (!password) throw new Error(`the demo does not say its password:\n${summary}`);
  return password;
}
