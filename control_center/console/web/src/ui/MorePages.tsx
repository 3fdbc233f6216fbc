import { useTranslation } from "react-i18next";
import { BusyButton } from "./BusyButton";

type Pages = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };

/** The way to the next page of a list, while there is one. */
export function MorePages({ query }: { query: Pages }) {
  const { t } = useTranslation();
  if (!query.hasNextPage) return null;
  return (
    <BusyButton
      className="button button-quiet rows-more"
      isBusy={query.isFetchingNextPage}
      onPress={() => void query.fetchNextPage()}
      data-testid="more-pages"
    >
      {query.isFetchingNextPage ? t("common.loadingMore") : t("common.more")}
    </BusyButton>
  );
}
