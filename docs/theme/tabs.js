// Programs in several languages: one is shown at a time, the same on every page. Without JavaScript all are shown.
(() => {
  const NAMES = { rust: 'Rust', python: 'Python', js: 'Node', c: 'C', sh: 'Shell' };
  const KEY = 'switchwire-language';

  function languageOf(block) {
    const code = block.querySelector('code');
    const found = code && [...code.classList].find((name) => name.startsWith('language-'));
    return found ? found.slice('language-'.length).split(',')[0] : '';
  }

  function show(language) {
    for (const tabs of document.querySelectorAll('.tabs')) {
      const blocks = [...tabs.querySelectorAll('pre')].filter((block) => NAMES[languageOf(block)]);
      if (!blocks.some((block) => languageOf(block) === language)) continue;
      for (const block of blocks) block.hidden = languageOf(block) !== language;
      for (const button of tabs.querySelectorAll('.languages button')) {
        button.setAttribute('aria-selected', String(button.dataset.language === language));
      }
    }
  }

  for (const tabs of document.querySelectorAll('.tabs')) {
    const languages = [...tabs.querySelectorAll('pre')].map(languageOf).filter((language) => NAMES[language]);
    if (languages.length < 2) continue;
    const buttons = document.createElement('div');
    buttons.className = 'languages';
    buttons.setAttribute('role', 'tablist');
    for (const language of languages) {
      const button = document.createElement('button');
      button.type = 'button';
      button.setAttribute('role', 'tab');
      button.dataset.language = language;
      button.textContent = NAMES[language];
      button.addEventListener('click', () => {
        localStorage.setItem(KEY, language);
        show(language);
      });
      buttons.append(button);
    }
    tabs.prepend(buttons);
    show(languages[0]);
  }
  const chosen = localStorage.getItem(KEY);
  if (chosen) show(chosen);
})();
