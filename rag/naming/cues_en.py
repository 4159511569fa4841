"""English tables for reading names: given names, titles, verbs, suffixes, places, and no names.

The lists hold common knowledge of the language and of the world, chosen by hand; words are in
lower case unless the capital matters.
"""

from __future__ import annotations

GIVEN_NAMES = frozenset(
    "aaron abraham adam adrian alan albert alberto alejandro alex alexander "
    "alexandra alfred alice alison allen amanda amy ana andre andrea andreas andrew "
    "andrey angela angelo anita ann anna anne annie anthony antoine anton antonio "
    "arnold arthur ashley austin barack barbara beatrice ben benedict benjamin "
    "bernard bert beth betty bill billy bob bobby boris brad bradley brandon brenda "
    "brett brian bruce bruno bryan carl carla carlos carol caroline catherine cecil "
    "charles charlie charlotte chester chris christian christina christine "
    "christopher claire clara claude clive cody colin connor corey craig cynthia "
    "dale dan daniel danny darren dave david dean deborah dennis derek diana diane "
    "diego dmitri dmitry dominic don donald doris dorothy doug douglas duncan dwight "
    "ed eddie edgar edith edmund eduardo edward edwin eileen elaine eleanor elena "
    "eli elizabeth ellen elon emil emily emma emmanuel enrico eric erica erik ernest "
    "ernesto erwin ethan eugene eva evan evelyn felix fernando fiona florence "
    "frances francesco francis francisco francois frank franklin franz fred "
    "frederick friedrich gabriel gareth gary gavin geoffrey george gerald "
    "gerard gilbert giovanni giuseppe glen glenn gloria gordon grace graham greg "
    "gregory guido guillaume gustav guy hans harold harriet harris harrison harry "
    "harvey hector heinrich helen helmut henri henry herbert herman hillary homer "
    "howard hugh hugo ian igor ingrid irene isaac isabel ivan jack jackie jackson "
    "jacob jacques jaime jake james jamie jan jane janet jared jason javier jay jean "
    "jeff jeffrey jennifer jeremy jerome jerry jesse jessica jesus jill jim jimmy "
    "joachim joan joe joel johann john johnny jon jonathan jorge jose josef joseph "
    "josh joshua joyce juan judith judy julia julian julie julio jurgen justin karen "
    "karl kate kathleen katherine kathryn keith kelly ken kenneth kent kevin kim "
    "kofi konstantin kurt kyle lance larry laura lauren laurence lawrence lee leo "
    "leon leonard leonardo leslie lewis linda lisa lloyd lorenzo louis louise luc "
    "lucas lucy luis luke lynn malcolm manuel marc marcel marco marcus margaret "
    "maria marie marilyn mario mark marshall martha martin marvin mary mathew matt "
    "matthew maurice max maximilian megan mel melissa michael michel michelle miguel "
    "mikael mike mikhail milton miranda mohamed mohammed monica morris muhammad "
    "nancy napoleon natalie nathan neil nelson nicholas nick nicolas nicole niels "
    "nigel nikita nikola nikolai noah noel norman oliver olivia omar oscar otto "
    "pablo pamela patricia patrick paul paula pedro penny perry peter peyton phil "
    "philip phillip pierre rachel ralph ramon randall randy raphael ray raymond "
    "rebecca reginald rene ricardo richard rick robert roberto robin rod rodney "
    "roger roland ron ronald rosa rose ross roy rudolf rupert russell ruth ryan "
    "sally sam samantha samuel sandra sara sarah satya scott sean sebastian sergei "
    "seth sharon sheila sheryl sherman shirley sidney sigmund simon sofia sophia "
    "sophie stan stanley stefan stephanie stephen steve steven stewart stuart sue "
    "sundar susan suzanne sylvia ted terence teresa terry theodor theodore theresa "
    "thomas tim timothy tina todd tom tommy tony tracy travis trevor tyler ulrich "
    "ursula valerie vanessa vera vernon veronica victor victoria vincent virginia "
    "vladimir walt walter wanda warren wayne wendy werner wesley wilhelm will "
    "william willie winston wolfgang woodrow yuri yves zachary".split()
)
MONONYMS = frozenset(  # known by one name, and never anything else in plain text
    "aristotle plato socrates newton einstein darwin luther shakespeare napoleon "
    "gandhi mozart beethoven bach edison marx lenin stalin hitler mao confucius "
    "muhammad jesus buddha caesar galileo kepler copernicus kant hegel nietzsche "
    "obama trump biden putin musk thatcher churchill roosevelt mandela picasso "
    "rembrandt michelangelo archimedes euclid homer virgil dante voltaire rousseau "
    "descartes pascal leibniz euler gauss maxwell faraday "
    "calvin beyoncé rihanna madonna adele eminem ronaldo messi pelé neymar".split()
)
PINYIN_SURNAMES = frozenset(
    "bai cai cao chang chen cheng cui dai deng ding dong du duan fan fang feng fu gao ge gong "
    "gu guo hao he hou hu hua huang jia jiang jin kang kong lai lei li liang liao lin liu long "
    "lu luo ma mao meng mo ni niu ouyang pan peng qiao qin qiu ren shangguan shao shen shi sima "
    "su sun tan tang tian wan wang wei wu xia xiao xie xiong xu xue yan yang yao ye yi yin yu "
    "yuan zeng zhai zhang zhao zheng zhong zhou zhu zhuge zou".split()
)
COPULAS = frozenset("is was were has had became".split())
NOBLE_TITLES = frozenset(
    "Lady Lord Sir Dame King Queen Pope Saint St. Emperor Empress Prince Princess".split()
)
PARTICLES = frozenset(
    "de van von der den di da del della la le bin ibn al el dos du ter ten".split()
)
GENERATIONS = frozenset("Jr Jr. Sr Sr. II III IV".split())
TITLES = frozenset(
    "CEO CFO CTO COO President Vice-President Chairman Chairwoman Chair Founder "
    "Co-founder Dr Dr. Professor Prof Prof. Mr Mr. Mrs Mrs. Ms Ms. Miss Sir Lord "
    "Lady Dame King Queen Prince Princess Emperor Empress Pope Bishop Archbishop "
    "Cardinal Father Reverend Rev. Saint St. Senator Sen. Representative Rep. "
    "Governor Gov. Mayor Judge Justice Minister Secretary Chancellor General Gen. "
    "Colonel Col. Major Captain Capt. Lieutenant Lt. Sergeant Admiral Commander "
    "Director Manager Coach Officer Engineer Editor Reporter Analyst Ambassador Duke "
    "Duchess Count Countess Earl Baron Vice Deputy Prime Chief Executive Former Khan "
    "Congressman Councillor Spokesman Spokeswoman Premier Attorney Detective "
    "Inspector Sheikh Sultan Tsar Kaiser".split()
)
TITLES_LOWER = frozenset(
    "ceo president chairman chairwoman founder co-founder cofounder professor king "
    "queen prince princess emperor pope bishop archbishop senator governor mayor "
    "judge minister secretary chancellor general colonel captain director manager "
    "coach engineer editor reporter analyst ambassador spokesman spokeswoman "
    "spokesperson quarterback linebacker receiver cornerback safety guard tackle "
    "lineman teammate end author writer poet composer architect historian physicist "
    "chemist mathematician economist scientist biologist philosopher astronomer "
    "inventor actor actress singer director producer artist painter guitarist "
    "drummer pianist explorer astronaut missionary astronomer lawyer attorney wife "
    "husband son daughter brother sister father mother officer executive boss chief "
    "head".split()
)
VERBS_AFTER = frozenset(
    "said says announced wrote writes told tells added adds explained argued claimed "
    "noted believed thought stated suggested joined founded invented discovered "
    "became was is were has had led won scored played died born married published "
    "proposed proved developed designed created directed composed performed served "
    "worked studied moved resigned testified joked tweeted posted asked replied "
    "called described recalled insisted confirmed denied warned who whose received "
    "began took made left gave came went ran threw caught registered".split()
)
ORGANIZATION_VERBS = frozenset(
    "announced reported said unveiled launched acquired released denied confirmed plans plan sold "
    "sells recalled built declined posted delivered invested operates".split()
)
ORGANIZATION_ENDINGS = frozenset(
    "Inc Inc. Corp Corp. Corporation Ltd Ltd. Limited LLC PLC plc Co Co. Company "
    "Companies Group Holdings Motors Motor Automobile Automotive Auto University "
    "College Institute School Academy Bank Association Department Ministry Agency "
    "Press Commission Committee Council Foundation Union League Party Society "
    "Organization Organisation Federation Authority Bureau Office Court Congress "
    "Parliament Senate Church Library Museum Hospital Airlines Airways Technologies "
    "Technology Systems Software Electronics Semiconductor Semiconductors "
    "Pharmaceuticals Energy Records Studios Pictures Entertainment Media News Times "
    "Journal Post Herald Tribune Gazette Broadcasting Television Network Networks "
    "Capital Partners Ventures Securities Insurance Industries Industry Laboratories "
    "Laboratory Labs Center Centre Club FC Army Navy Guard Force Alliance Trust "
    "Exchange Service Services Administration Team Orchestra Band Magazine "
    "Productions Stores Brothers Nations Front Assembly".split()
)
ORGANIZATION_HEADS = frozenset(
    "University College Institute Bank Ministry Department Bureau Office Academy "
    "Association Society Church Court Council Commission Committee Board School "
    "House Museum Federation League Union Museum Library Chamber Organization "
    "Organisation Republican".split()
)
ORGANIZATIONS = frozenset(
    "NASA IBM NATO UNESCO UNICEF OPEC CNN BBC NBC CBS ABC ESPN HBO FBI CIA NSA FDA "
    "EPA SEC IMF WHO WTO NFL NBA MLB NHL FIFA UEFA TSMC AMD Huawei Alibaba Google "
    "Microsoft Amazon Intel Nvidia NVIDIA Qualcomm Samsung Sony Facebook Twitter "
    "Netflix Uber Boeing Airbus Reuters Bloomberg Xinhua OpenAI DeepMind SpaceX "
    "YouTube Disney Nokia Ericsson Siemens Oracle Cisco Adobe Spotify Lenovo "
    "Foxconn LG HTC OPPO JD.com Meituan Didi ByteDance Yahoo PayPal eBay "
    "Valve Wikipedia Congress Parliament Panasonic Toshiba Hitachi Interpol "
    "Greenpeace Mozilla Starbucks Walmart UN EU MIT UCLA USC Harvard Yale Oxford "
    "Stanford Princeton DirecTV".split()
) - {"WHO"}  # as likely the question word in capitals
ORGANIZATION_PHRASES = frozenset(
    {"european union", "united nations", "white house", "supreme court", "red cross",
     "great wall motor", "associated press", "federal reserve", "world bank", "goldman sachs",
     "morgan stanley"}
)  # fmt: skip

MONTHS_AND_DAYS = frozenset(
    "january february march april may june july august september october november december monday "
    "tuesday wednesday thursday friday saturday sunday easter christmas ramadan".split()
)
NOT_NAMES = frozenset(
    "the a an this that these those it its he she they we you i his her their our my "
    "your him them who what when where which why how and or but nor so yet if then "
    "than as at by for from in into of on off to up with within without while after "
    "before during since until because although though however moreover therefore "
    "thus meanwhile also according another any all both each few many more most much "
    "no none not only other others several some such there here once one two three "
    "four five six seven eight nine ten first second third last next new old despite "
    "due under over between among against about above across along around behind "
    "below beneath beyond is are was were be been do does did have has had can could "
    "will would should may might must today yesterday tomorrow now later early "
    "earlier recently finally initially originally overall like unlike upon via per "
    "every either neither whether even still just perhaps often usually let yes "
    "please see note chapter section figure table part volume page version model mr "
    "mrs photo image source update updated share read click subscribe copyright "
    "follow related".split()
)
ORDINARY = frozenset(  # capitalised in names of things: no person begins or ends with them
    "coffee culture author air all-star american anglo "
    "annual arab art atlantic award awards battle bay "
    "best big bill black blue board book bowl british broadcast bronze building car "
    "cathedral catholic central century championship championships chinese christian "
    "church city civil classic climate code coast cold common commonwealth communist "
    "conference constitution control convention country county creek cup day days "
    "democratic digital district double dutch duchy dynasty earth east eastern "
    "economic edition educational eastern electric empire english european event "
    "fame federal festival field final finals fire first flag football foreign "
    "forest formula free french fund future game games garden gate general german "
    "global gold golden government great greek green ground hall health high hill "
    "hills holy home human imperial independence indian industrial internal "
    "international islamic island islands italian japanese jewish junior kingdom "
    "lake land latin law left liberal life light line little live local long lower "
    "machine main major map marine market medal medical memorial middle military "
    "model modern mount mountain music muslim national native natural nature new "
    "night nobel north northern northeast northwest ocean old olympic olympics open "
    "opera pacific palace park peace people phone plan play plaza point police pope "
    "popular post power premier prize pro project protestant public pulse queen "
    "radio railway range rebellion red region report republic reserve review "
    "revolution right river road rock roman royal rule russian sea season secret "
    "senior series show silver social south southern southeast southwest space "
    "spanish special sports square stadium stage standard star state states station "
    "storm street strait strip style summer super survey system tea tour tower town "
    "trade treaty trophy tv ultra united upper us valley version victorian video "
    "vision war water watch web west western white wide wild winter women world "
    "yellow young youth act bible pact agreement theorem hypothesis theory law laws "
    "machine number numbers problem test tests lyrics album song movie film store "
    "online app apps smart digital mini max plus lite studio live cloud core chip "
    "pen pad note galaxy windows android ios linux bridge canal highway avenue "
    "boulevard tunnel temple abbey castle hotel theatre theater age renaissance "
    "reformation enlightenment era plague death crisis crash".split()
)
PLACE_ENDINGS = frozenset(
    "City County River Lake Island Islands Street Avenue Road Airport Station Bay "
    "Beach Valley Park Square Stadium Mountain Mountains Mount Peninsula Ocean Sea "
    "Desert Forest Harbor Harbour Bridge Province District Town Village Township "
    "State Coast Territory Palace Castle Cathedral Plaza Hill Hills Creek Falls "
    "Strait Canyon Arena".split()
)
PLACE_HEADS = frozenset(
    "Lake Mount Mt Mt. Cape Port Fort Gulf Isle River Republic Kingdom Bay City Strait".split()
)
PLACE_BEFORE = frozenset("in at from near to around across outside inside throughout of".split())
PLACES = frozenset(
    "afghanistan|albania|algeria|angola|argentina|armenia|australia|austria|"
    "azerbaijan|bahrain|bangladesh|belarus|belgium|bolivia|bosnia|botswana|brazil|"
    "britain|brunei|bulgaria|cambodia|cameroon|canada|chile|china|colombia|congo|"
    "costa rica|croatia|cuba|cyprus|czech republic|denmark|ecuador|egypt|england|"
    "estonia|ethiopia|fiji|finland|france|gabon|georgia|germany|ghana|great britain|"
    "greece|greenland|guatemala|guinea|haiti|honduras|hungary|iceland|india|"
    "indonesia|iran|iraq|ireland|israel|italy|jamaica|japan|jordan|kazakhstan|kenya|"
    "korea|kosovo|kuwait|kyrgyzstan|laos|latvia|lebanon|liberia|libya|lithuania|"
    "luxembourg|macau|macedonia|madagascar|malawi|malaysia|maldives|mali|malta|"
    "mauritius|mexico|moldova|monaco|mongolia|montenegro|morocco|mozambique|myanmar|"
    "namibia|nepal|netherlands|new zealand|nicaragua|niger|nigeria|north korea|"
    "northern ireland|norway|oman|pakistan|palestine|panama|paraguay|peru|"
    "philippines|poland|portugal|puerto rico|qatar|romania|russia|rwanda|samoa|"
    "saudi arabia|scotland|senegal|serbia|sierra leone|singapore|slovakia|slovenia|"
    "somalia|south africa|south korea|soviet union|spain|sri lanka|sudan|sweden|"
    "switzerland|syria|taiwan|tajikistan|tanzania|thailand|tibet|tunisia|turkey|"
    "turkmenistan|uganda|ukraine|united arab emirates|united kingdom|united states|"
    "united states of america|uruguay|usa|uk|u.s|u.k|uzbekistan|venezuela|vietnam|"
    "wales|yemen|zambia|zimbabwe|africa|antarctica|asia|europe|north america|"
    "south america|latin america|central america|east asia|southeast asia|"
    "middle east|west africa|alabama|alaska|arizona|arkansas|california|colorado|"
    "connecticut|delaware|florida|hawaii|idaho|illinois|indiana|iowa|kansas|kentucky|"
    "louisiana|maine|maryland|massachusetts|michigan|minnesota|mississippi|missouri|"
    "montana|nebraska|nevada|new england|new france|new hampshire|new jersey|"
    "new mexico|new york|north carolina|north dakota|ohio|oklahoma|oregon|"
    "pennsylvania|rhode island|south carolina|south dakota|tennessee|texas|utah|"
    "vermont|washington|west virginia|wisconsin|wyoming|ontario|quebec|queensland|"
    "new south wales|victoria|bavaria|catalonia|normandy|brittany|siberia|crimea|"
    "kashmir|amsterdam|ankara|antwerp|athens|atlanta|auckland|baghdad|baltimore|"
    "bangkok|barcelona|beijing|beirut|belgrade|berlin|birmingham|bogota|bombay|"
    "boston|brisbane|bristol|brooklyn|brussels|bucharest|budapest|buenos aires|cairo|"
    "calcutta|cambridge|cape town|caracas|changsha|charlotte|chengdu|chennai|chicago|"
    "chongqing|cleveland|cologne|copenhagen|dalian|dallas|damascus|delhi|denver|"
    "detroit|dubai|dublin|düsseldorf|edinburgh|fort worth|frankfurt|fresno|fuzhou|"
    "geneva|glasgow|guangdong|guangzhou|hainan|hamburg|hangzhou|hanoi|harbin|havana|"
    "hebei|hefei|helsinki|henan|ho chi minh city|hong kong|houston|hubei|hunan|"
    "istanbul|jacksonville|jakarta|jerusalem|jiangsu|jinan|johannesburg|kiev|kyiv|"
    "kolkata|kuala lumpur|kunming|kyoto|lagos|las vegas|leeds|leipzig|lima|lisbon|"
    "liverpool|london|los angeles|lyon|madrid|manchester|manhattan|manila|marseille|"
    "mecca|melbourne|memphis|miami|milan|milwaukee|minneapolis|montreal|moscow|"
    "mumbai|munich|nagoya|nairobi|nanjing|naples|nashville|new delhi|new orleans|"
    "newcastle|ningbo|osaka|oslo|ottawa|oxford|paris|perth|philadelphia|phoenix|"
    "pittsburgh|prague|qingdao|rio de janeiro|riyadh|rome|rotterdam|sacramento|"
    "san antonio|san diego|san francisco|san jose|santa clara|santiago|são paulo|"
    "sao paulo|seattle|seoul|shandong|shanghai|shenyang|shenzhen|sichuan|stockholm|"
    "stuttgart|suzhou|sydney|taipei|tehran|tel aviv|tianjin|tokyo|toronto|tripoli|"
    "turin|vancouver|venice|vienna|warsaw|washington dc|wellington|wuhan|xiamen|xian|"
    "xi'an|zhejiang|zhengzhou|zurich|silicon valley|wall street|hollywood|newport|"
    "warsaw|constantinople|mesopotamia|persia|gaul|prussia|saxony|sicily|flanders|"
    "burgundy|byzantium|jeddah".split("|")
)
COMMON_ACRONYMS = frozenset(
    "CEO CFO CTO COO GDP DNA RNA USA UK US SUV EV PHEV BEV TV PC CPU GPU RAM ROM USB "
    "LED LCD OLED LTE GPS IPO API SDK APP AI AR VR IT HR PR QR PDF URL WWW HTTP AM "
    "PM AD BC BCE CE ID OK FAQ DIY VIP MVP RMB USD CNY EUR GBP HKD NEV ADAS OTA SU "
    "UTC GMT ATM HIV AIDS PIN CD DVD AND THE NOT PS HD SD SSD NFC OEM ODM KOL ICU "
    "MBA PHD PM2.5 ESG ETF CPI PPI VS TM RFID UFO BMI EPS ROI II III IV VI VII VIII "
    "IX XI XII XX".split()
)
