import { client, unwrap } from "../../api/client";
import type { Document, Which } from "./model";

/** A setting as it is in force; version 0 is the default that nobody has changed. */
export interface Setting {
  version: number;
  policy: Document;
  changed_by?: string;
  valid_from?: string;
}

/** Reads a setting of any kind. */
export async function readSetting({ kind, key }: Which): Promise<Setting> {
  const id = { params: { path: { id: key } } };
  const found = await (async () => {
    switch (kind) {
      case "provider":
        return unwrap(client.GET("/api/v1/routing/policy"));
      case "client":
        return unwrap(client.GET("/api/v1/clients/{id}/routing", id));
      case "queue":
        return unwrap(client.GET("/api/v1/queues/{id}/routing", id));
      case "pool":
        return unwrap(client.GET("/api/v1/routing/pools/{slug}", { params: { path: { slug: key } } }));
      case "partner":
        return unwrap(client.GET("/api/v1/routing/partners/{slug}", { params: { path: { slug: key } } }));
    }
  })();
  return { ...found, policy: found.policy as Document };
}

/** Puts a document in force over the version that was read. */
export async function putSetting({ kind, key }: Which, version: number, document: Document): Promise<void> {
  const headers = { "If-Match": `"v${version}"` };
  const id = { params: { path: { id: key } }, headers, body: document as never };
  const slug = { params: { path: { slug: key } }, headers, body: document as never };
  switch (kind) {
    case "provider":
      await unwrap(client.PUT("/api/v1/routing/policy", { headers, body: document as never }));
      return;
    case "client":
      await unwrap(client.PUT("/api/v1/clients/{id}/routing", id));
      return;
    case "queue":
      await unwrap(client.PUT("/api/v1/queues/{id}/routing", id));
      return;
    case "pool":
      await unwrap(client.PUT("/api/v1/routing/pools/{slug}", slug));
      return;
    case "partner":
      await unwrap(client.PUT("/api/v1/routing/partners/{slug}", slug));
  }
}
