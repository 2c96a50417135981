import { useInfiniteQuery } from "@tanstack/react-query";
import { items } from "./client";

/** A list by pages: what is loaded so far, and how to get more. */
export function usePages<T>(
  key: unknown[],
  load: (cursor: string | undefined) => Promise<{ items: T[] | null; next_cursor?: string }>,
) {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => load(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor || undefined,
  });
  return {
    data: query.data?.pages.flatMap((page) => items(page)),
    isPending: query.isPending,
    isError: query.isError,
    error: query.error,
    refetch: query.refetch,
    more: query.hasNextPage ? () => void query.fetchNextPage() : undefined,
    loadingMore: query.isFetchingNextPage,
  };
}
