import { Button } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";

type Pages = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };

/** The way to the next page of a list, while there is one. */
export function MorePages({ query }: { query: Pages }) {
  const { t } = useTranslation();
  if (!query.hasNextPage) return null;
  return (
    <Button
      className="button button-quiet rows-more"
      isPending={query.isFetchingNextPage}
      onPress={() => void query.fetchNextPage()}
      data-testid="more-pages"
    >
      {query.isFetchingNextPage ? t("common.loadingMore") : t("common.more")}
    </Button>
  );
}
