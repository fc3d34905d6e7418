//! Russian, built in: what the templates and the program say.

use std::collections::HashMap;

use super::words::Calendar;

/// The English texts with their translations.
pub(super) fn texts() -> HashMap<String, Vec<String>> {
    let single = TEXTS.iter().map(|(text, said)| (*text, vec![*said]));
    let counted = COUNTED.iter().map(|(text, forms)| (*text, forms.to_vec()));
    single
        .chain(counted)
        .map(|(text, forms)| {
            let forms = forms.into_iter().map(str::to_owned);
            (text.to_owned(), forms.collect())
        })
        .collect()
}

/// How Russian writes dates and numbers.
pub(super) fn calendar() -> Calendar {
    Calendar {
        months: [
            "января",
            "февраля",
            "марта",
            "апреля",
            "мая",
            "июня",
            "июля",
            "августа",
            "сентября",
            "октября",
            "ноября",
            "декабря",
        ]
        .map(str::to_owned),
        months_alone: [
            "январь",
            "февраль",
            "март",
            "апрель",
            "май",
            "июнь",
            "июль",
            "август",
            "сентябрь",
            "октябрь",
            "ноябрь",
            "декабрь",
        ]
        .map(str::to_owned),
        short_months: [
            "янв.",
            "февр.",
            "марта",
            "апр.",
            "мая",
            "июня",
            "июля",
            "авг.",
            "сент.",
            "окт.",
            "нояб.",
            "дек.",
        ]
        .map(str::to_owned),
        weekdays: [
            "понедельник",
            "вторник",
            "среда",
            "четверг",
            "пятница",
            "суббота",
            "воскресенье",
        ]
        .map(str::to_owned),
        thousands: "\u{a0}".to_owned(),
        decimal: ",".to_owned(),
    }
}

/// Words that are counted: for 1, for 2 to 4, for 5 and more.
const COUNTED: &[(&str, [&str; 3])] = &[
    ("item", ["материал", "материала", "материалов"]),
    (
        "more item",
        ["материал ещё", "материала ещё", "материалов ещё"],
    ),
];

const TEXTS: &[(&str, &str)] = &[
    // The frame of every page.
    ("Skip to the content", "Перейти к содержанию"),
    ("Site", "Сайт"),
    ("Languages", "Языки"),
    ("Home", "Главная"),
    ("Where this page stands", "Место этой страницы на сайте"),
    ("Subscribe", "Подписка"),
    ("How to subscribe", "Как подписаться"),
    ("All feeds (OPML)", "Все ленты (OPML)"),
    ("{title}: {format} feed", "{title}: лента {format}"),
    // Lists of news.
    ("Latest news", "Последние новости"),
    (
        "Nothing has been published yet.",
        "Пока ничего не опубликовано.",
    ),
    (
        "Nothing has been published here yet.",
        "Здесь пока ничего не опубликовано.",
    ),
    ("Follow everything:", "Следить за всеми новостями:"),
    ("Follow this topic:", "Следить за этой темой:"),
    ("What is this?", "Что это?"),
    ("Newsletters", "Рассылки"),
    ("{count} in all", "Всего {count}"),
    (
        "The newest {shown} of {total} items",
        "Показаны последние {shown} из {total}",
    ),
    ("Within this topic", "Внутри этой темы"),
    ("Narrow it down", "Уточнить"),
    ("closed", "закрыто"),
    (
        "This topic was replaced by: {topics}.",
        "Эту тему сменили: {topics}.",
    ),
    (
        "Each topic has a page with its news, and feeds that carry them as they are published.",
        "У каждой темы есть страница с новостями и ленты, в которых они появляются сразу после публикации.",
    ),
    // An item.
    ("News item", "Новость"),
    ("Issued on", "Дата"),
    ("Issued by", "Источник"),
    ("Updated", "Обновлено"),
    ("Also in", "На других языках"),
    ("Correction", "Исправление"),
    ("Correction:", "Исправлено:"),
    ("Files", "Файлы"),
    ("First published at", "Впервые опубликовано:"),
    ("{title}: news from {site}.", "{title}: новости, {site}."),
    (
        "A feed is a list of the newest items, which a program, the feed reader, watches for you. Copy one of these addresses into yours; all carry the same items.",
        "Лента — это список последних материалов, за которым следит для вас программа для чтения лент. Скопируйте в неё один из этих адресов; материалы в них одни и те же.",
    ),
    // How to subscribe.
    (
        "Let the news come to you, on the topics that you choose, without giving anybody your address.",
        "Получайте новости по выбранным темам, никому не сообщая своего адреса.",
    ),
    ("What is a feed?", "Что такое лента?"),
    (
        "A feed is a list of the newest items on one topic, in a form that programs can read. A feed reader fetches the feeds that you have chosen, from this and any other site, and shows you what is new in one place. Feeds cost nothing, need no account here, and leave no trace of who reads them.",
        "Лента — это список последних материалов по одной теме в виде, понятном программам. Программа для чтения лент загружает выбранные вами ленты этого и любых других сайтов и показывает всё новое в одном месте. Ленты бесплатны, не требуют регистрации и не оставляют следов о том, кто их читает.",
    ),
    ("How do I use one?", "Как ей пользоваться?"),
    (
        "Choose a feed reader. There are many, for phones, for computers and on the web; mail programs such as Thunderbird are readers too.",
        "Выберите программу для чтения лент. Их много: для телефонов, для компьютеров и в интернете; почтовые программы, например Thunderbird, тоже умеют читать ленты.",
    ),
    (
        "Open the page of a topic on this site and copy the page’s address. Readers find the feed by themselves.",
        "Откройте на этом сайте страницу темы и скопируйте её адрес. Ленту программа найдёт сама.",
    ),
    (
        "In the reader choose “Add feed” or “Follow”, and paste the address. From then on, new items appear there.",
        "В программе выберите «Добавить ленту» или «Подписаться» и вставьте адрес. С этого момента новые материалы будут появляться в ней.",
    ),
    (
        "If your reader wants the address of the feed itself, copy one of these links. They carry the same items; take whichever your reader knows:",
        "Если программе нужен адрес самой ленты, скопируйте одну из этих ссылок. Материалы в них одни и те же; возьмите ту, которую понимает ваша программа:",
    ),
    ("Everything at once", "Всё сразу"),
    (
        "All items, whatever their topic:",
        "Все материалы, на любую тему:",
    ),
    (
        "All feeds of this site as one file, which most readers can import:",
        "Все ленты этого сайта одним файлом, который умеет загружать большинство программ:",
    ),
    ("the list of feeds (OPML)", "список лент (OPML)"),
    ("the directory of topics (OPML)", "каталог тем (OPML)"),
    ("Rather a newsletter?", "Удобнее рассылка?"),
    (
        "These sum up what was published, at set times:",
        "Они подводят итог опубликованному в определённое время:",
    ),
    ("The feeds", "Ленты"),
    // Where something was.
    ("This item was withdrawn", "Этот материал отозван"),
    (
        "It is not published here any more.",
        "Он здесь больше не публикуется.",
    ),
    ("Withdrawn on", "Дата отзыва"),
    ("Withdrawn by", "Кем отозван"),
    ("Reason", "Причина"),
    ("This page has moved", "Страница переехала"),
    // Where nothing is.
    ("Page not found", "Страница не найдена"),
    (
        "There is nothing at this address",
        "По этому адресу ничего нет",
    ),
    (
        "The page may have been withdrawn, or the address may have been cut short on its way to you.",
        "Возможно, страница была отозвана или адрес дошёл до вас не полностью.",
    ),
    (
        "You may find what you are looking for on the home page, or by topic:",
        "Возможно, вы найдёте нужное на главной странице или по теме:",
    ),
    // Digests.
    ("no news", "новостей нет"),
    ("No news", "Новостей нет"),
    ("Other news", "Другие новости"),
    (
        "There was no news in this period.",
        "За это время новостей не было.",
    ),
    ("Follow the issues:", "Следить за выпусками:"),
    (
        "No issue has been published yet.",
        "Пока не вышло ни одного выпуска.",
    ),
    ("As a mail", "В виде письма"),
    ("As plain text", "Простым текстом"),
    ("Read this issue on the web", "Читать этот выпуск на сайте"),
    ("This issue on the web", "Этот выпуск на сайте"),
    ("All issues", "Все выпуски"),
    ("Change what you receive", "Изменить подписку"),
    ("Unsubscribe", "Отписаться"),
    (
        "This mail does not tell us whether you read it, and its links lead straight to where they say.",
        "Это письмо не сообщает нам, прочитали ли вы его, а его ссылки ведут прямо туда, куда обещают.",
    ),
    (
        "This mail does not tell us whether you read it. Links to our own pages say that they come from this newsletter, and not from whom.",
        "Это письмо не сообщает нам, прочитали ли вы его. По ссылкам на наши страницы видно, что они из этой рассылки, но не от кого.",
    ),
    ("All issues of {title}.", "Все выпуски: {title}."),
    ("{count} in {topic}", "{count}: {topic}"),
    (
        "{count} in this issue on the web",
        "{count} в этом выпуске на сайте",
    ),
    // Build your own feed.
    ("Build your own feed", "Составить свою ленту"),
    (
        "Tick what interests you. The feed has the items that match one of your ticks under each heading where you made any.",
        "Отметьте, что вам интересно. В ленту войдёт то, что подходит хотя бы под одну отметку в каждом разделе, где вы их поставили.",
    ),
    (
        "No feed can be made of this:",
        "Из этого нельзя составить ленту:",
    ),
    ("Your feed", "Ваша лента"),
    (
        "Its address, for your feed reader:",
        "Её адрес для программы чтения лент:",
    ),
    ("Open the feed", "Открыть ленту"),
    ("Selection:", "Отбор:"),
    ("Format", "Формат"),
    ("Show the feed", "Показать ленту"),
    ("Start again", "Начать сначала"),
    ("The newest entries", "Последние записи"),
    (
        "Nothing matches yet. The feed will have what is published from now on.",
        "Пока ничего не подходит. В ленте появится то, что будет опубликовано.",
    ),
    ("Types", "Виды"),
    ("Languages", "Языки"),
    ("Something of your own?", "Нужно своё сочетание?"),
    (
        "Tick the topics that interest you, and get one feed of just these:",
        "Отметьте интересные вам темы и получите одну ленту только по ним:",
    ),
    // What is selected, in words.
    ("everything", "всё"),
    ("and", "и"),
    ("or", "или"),
    ("not {what}", "не {what}"),
    ("in {language}", "на языке {language}"),
    ("since {day}", "с {day}"),
    ("before {day}", "до {day}"),
    // Letters to subscribers.
    (
        "I want to get these newsletters from {site} by mail. I can leave them at any time, by a link in each.",
        "Я хочу получать эти рассылки ({site}) по почте. Отказаться от них можно в любое время по ссылке в каждом письме.",
    ),
    (
        "Please confirm: mail from {site}",
        "Подтвердите подписку: {site}",
    ),
    (
        "Somebody, we hope you, asked that these come to this address from {site}:",
        "Кто-то, надеемся, что вы, попросил присылать на этот адрес ({site}):",
    ),
    (
        "If it was you, open this page and press the button there:",
        "Если это были вы, откройте эту страницу и нажмите на ней кнопку:",
    ),
    ("Confirm", "Подтвердить"),
    (
        "The link holds until {time}.",
        "Ссылка действует до {time}.",
    ),
    ("%-d %B %Y, %H:%M", "%-d %B %Y, %H:%M"),
    (
        "By confirming you agree to this: {consent}",
        "Подтверждая, вы соглашаетесь с этим: {consent}",
    ),
    (
        "If it was not you, do nothing. Nothing will come, and what was asked for is forgotten.",
        "Если это были не вы, ничего не делайте. Писем не будет, а запрос будет забыт.",
    ),
    (
        "What you get already, and how to change it",
        "Что вы уже получаете и как это изменить",
    ),
    (
        "You are subscribed to {site} already",
        "Вы уже подписаны: {site}",
    ),
    (
        "Somebody, perhaps you, asked that mail from {site} come to this address. It does already:",
        "Кто-то, возможно вы, попросил присылать на этот адрес письма ({site}). Они уже приходят:",
    ),
    (
        "See or change what you get",
        "Посмотреть или изменить подписку",
    ),
    (
        "If it was not you, do nothing: nothing changes.",
        "Если это были не вы, ничего не делайте: ничего не изменится.",
    ),
    (
        "Please confirm your new address for mail from {site}",
        "Подтвердите новый адрес для писем: {site}",
    ),
    (
        "A subscriber of {site} asked that their mail go to this address from now on. If that is you, open this page and press the button there:",
        "Подписчик ({site}) попросил присылать письма отныне на этот адрес. Если это вы, откройте эту страницу и нажмите на ней кнопку:",
    ),
    ("Confirm this address", "Подтвердить этот адрес"),
    (
        "If it is not, do nothing: nothing will come to this address.",
        "Если нет, ничего не делайте: на этот адрес ничего не придёт.",
    ),
    (
        "Your mail from {site} goes to another address now",
        "Ваши письма приходят теперь на другой адрес: {site}",
    ),
    (
        "Your mail from {site} goes to another address from now on, which its owner confirmed. The links in earlier mails change nothing any more.",
        "Ваши письма ({site}) отныне приходят на другой адрес, который подтвердил его владелец. Ссылки из прежних писем больше ничего не меняют.",
    ),
    (
        "If it was not you who asked for this, write to {contact}.",
        "Если об этом просили не вы, напишите нам: {contact}.",
    ),
    // News by mail.
    ("Get them by mail", "Получать их по почте"),
    ("Each item at once", "Каждый материал сразу"),
    ("Once a day", "Раз в день"),
    ("Once a week", "Раз в неделю"),
    ("Once a month", "Раз в месяц"),
    ("News by mail", "Новости по почте"),
    (
        "Choose what you want to get. A letter then asks you to confirm: nothing else is sent before.",
        "Выберите, что вы хотите получать. Затем придёт письмо с просьбой подтвердить: до этого больше ничего не посылается.",
    ),
    ("Your e-mail address", "Ваш адрес электронной почты"),
    ("Leave this empty", "Оставьте это поле пустым"),
    ("Subscribe by mail", "Подписаться по почте"),
    (
        "This is no e-mail address that mail can be sent to. It has the form name@example.org.",
        "Это не адрес, на который можно послать письмо. Адрес имеет вид name@example.org.",
    ),
    (
        "Choose at least one newsletter or one topic.",
        "Выберите хотя бы одну рассылку или одну тему.",
    ),
    (
        "Say how often you want the topics that you ticked.",
        "Укажите, как часто присылать отмеченные темы.",
    ),
    (
        "Something that you chose is not offered any more. Choose again, please.",
        "Чего-то из выбранного больше нет. Выберите, пожалуйста, снова.",
    ),
    (
        "These are more selections than one mail can hold. Remove one first.",
        "Это больше подборок, чем помещается в одно письмо. Сначала уберите одну.",
    ),
    (
        "This page was open for a long time. Press the button once more, please.",
        "Страница была долго открыта. Нажмите, пожалуйста, на кнопку ещё раз.",
    ),
    (
        "This name is too long, or holds characters that no name has.",
        "Это имя слишком длинное или содержит знаки, которых в именах не бывает.",
    ),
    (
        "Tick the box to show that you mean it. Nothing was erased.",
        "Поставьте отметку, чтобы подтвердить своё намерение. Ничего не удалено.",
    ),
    ("Topics of your own", "Темы на ваш выбор"),
    (
        "Tick what interests you. The mail has the items that match one of your ticks under each heading where you made any.",
        "Отметьте, что вам интересно. В письмо войдёт то, что подходит хотя бы под одну отметку в каждом разделе, где вы их поставили.",
    ),
    ("How often the topics come", "Как часто присылать темы"),
    ("Please confirm", "Подтвердите, пожалуйста"),
    (
        "From now on your mail goes to {address}.",
        "Отныне ваши письма будут приходить на адрес {address}.",
    ),
    ("You asked for:", "Вы попросили:"),
    (
        "This stops all mail that comes with this newsletter: {title}",
        "Это прекратит все письма этой рассылки: {title}",
    ),
    ("Your subscriptions", "Ваши подписки"),
    (
        "Mail goes to {address}.",
        "Письма приходят на адрес {address}.",
    ),
    ("Saved.", "Сохранено."),
    (
        "Mail to this address came back or was reported as unwanted, so that none is sent. Give another address below.",
        "Письма на этот адрес возвращались или были отмечены как нежелательные, поэтому они не посылаются. Укажите ниже другой адрес.",
    ),
    ("What you put together", "Что вы составили"),
    (
        "Language of letters and of this page",
        "Язык писем и этой страницы",
    ),
    (
        "Send nothing until (leave empty to get everything)",
        "Ничего не присылать до (оставьте пустым, чтобы получать всё)",
    ),
    (
        "Your name (may be left empty)",
        "Ваше имя (можно не указывать)",
    ),
    ("Save", "Сохранить"),
    ("Another address", "Другой адрес"),
    (
        "Your new e-mail address",
        "Ваш новый адрес электронной почты",
    ),
    (
        "Send a letter there to confirm",
        "Послать туда письмо для подтверждения",
    ),
    ("Leave", "Отказ от писем"),
    (
        "No more mail at all. What you agreed to and took back stays on record.",
        "Писем больше не будет вовсе. Запись о вашем согласии и отказе сохранится.",
    ),
    ("Unsubscribe from everything", "Отписаться от всего"),
    ("Your data", "Ваши данные"),
    (
        "Everything that is held on you, as a file.",
        "Всё, что о вас хранится, одним файлом.",
    ),
    ("Download", "Скачать"),
    (
        "Everything that is held on you is erased. What stays is a code made of your address, from which it cannot be read, so that nobody adds it again but you.",
        "Всё, что о вас хранится, будет удалено. Останется код, полученный из вашего адреса: прочесть адрес по нему нельзя, но никто, кроме вас, не сможет добавить его снова.",
    ),
    (
        "I want everything erased; it cannot be undone.",
        "Я хочу всё удалить; отменить это нельзя.",
    ),
    ("Erase", "Удалить"),
    ("Look into your mailbox", "Загляните в почтовый ящик"),
    (
        "If mail can be sent to this address, a letter will be there in a moment. Open the link in it to confirm. If none comes, look among unwanted mail.",
        "Если на этот адрес можно послать письмо, оно скоро придёт. Откройте ссылку в нём, чтобы подтвердить подписку. Если письма нет, посмотрите среди нежелательной почты.",
    ),
    ("Thank you", "Спасибо"),
    (
        "It is confirmed: mail will come with the next issue.",
        "Подтверждено: письма начнут приходить со следующего выпуска.",
    ),
    (
        "Your mail comes to this address from now on. Links in earlier mails change nothing any more.",
        "Отныне ваши письма приходят на этот адрес. Ссылки из прежних писем больше ничего не меняют.",
    ),
    (
        "This address has subscriptions already",
        "У этого адреса уже есть подписки",
    ),
    (
        "Mail cannot be moved here, since the address has subscriptions of its own. Use the link to preferences in a mail that you got at it.",
        "Перенести письма сюда нельзя: у этого адреса есть свои подписки. Воспользуйтесь ссылкой на настройки в письме, пришедшем на него.",
    ),
    ("You are unsubscribed", "Вы отписаны"),
    (
        "No more mail of this newsletter comes. A mail that is on its way just now may still arrive.",
        "Писем этой рассылки больше не будет. Письмо, которое сейчас в пути, ещё может прийти.",
    ),
    ("Everything is erased", "Всё удалено"),
    (
        "Nothing is held on you any more but a code made of your address, so that nobody adds it again. You yourself may subscribe again at any time.",
        "О вас больше ничего не хранится, кроме кода, полученного из вашего адреса, чтобы никто не добавил его снова. Сами вы можете подписаться снова в любое время.",
    ),
    (
        "Look into your new mailbox",
        "Загляните в новый почтовый ящик",
    ),
    (
        "If mail can be sent to the new address, a letter will be there in a moment. Until you open its link and confirm, mail goes to the old one.",
        "Если на новый адрес можно послать письмо, оно скоро придёт. Пока вы не откроете ссылку в нём и не подтвердите, письма приходят на прежний.",
    ),
    ("This link does not work", "Эта ссылка не действует"),
    (
        "It is not whole: mail programs sometimes cut long links. Copy all of it from the mail into the address bar.",
        "Она неполная: почтовые программы иногда обрезают длинные ссылки. Скопируйте её из письма в адресную строку целиком.",
    ),
    ("This link has expired", "Срок действия ссылки истёк"),
    (
        "Its time is over, it was used already, or a newer one was sent. Nothing was changed. Ask once more for what you wanted, or use the newest mail.",
        "Её время прошло, она уже использована или послана более новая. Ничего не изменено. Повторите запрос или воспользуйтесь самым новым письмом.",
    ),
    ("Too many requests", "Слишком много запросов"),
    (
        "Very many requests came from your network. Try again in an hour, please.",
        "Из вашей сети пришло очень много запросов. Попробуйте, пожалуйста, через час.",
    ),
    // Sizes.
    ("B", "Б"),
    ("kB", "КБ"),
    ("MB", "МБ"),
    ("GB", "ГБ"),
];
