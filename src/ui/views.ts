/** The page's two views, by the URL's fragment: the laboratory, and the diagnosis of an evaluation. */
import { byId } from './dom.ts';

const DIAGNOSE = '#diagnose';

/** @param onDiagnose called once, when that view is first opened */
export function startViews(onDiagnose: () => void): void {
  const laboratory = byId('laboratory', HTMLElement);
  const diagnose = byId('diagnose-view', HTMLElement);
  const links = [byId('to-laboratory', HTMLAnchorElement), byId('to-diagnose', HTMLAnchorElement)];
  let isStarted = false;
  const show = (): void => {
    const isDiagnose = location.hash === DIAGNOSE;
    laboratory.hidden = isDiagnose;
    diagnose.hidden = !isDiagnose;
    links.forEach((link, i) => {
      if ((i === 1) === isDiagnose) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    });
    if (isDiagnose && !isStarted) {
      isStarted = true;
      onDiagnose();
    }
  };
  window.addEventListener('hashchange', show);
  show();
}
