//! Which non-ASCII letters the languages of the legacy encodings use, most frequent first. Data alone; [`super::legacy`]
//! weighs it.

use super::weight::{Weight, weights};

weights! { f64;
    /// A language that few files are in.
    RARE_LANGUAGE = 1.5, off 0.0;
}

const USUAL: Weight<f64> = Weight::new("USUAL", 0.0, 0.0);

/// One language, as far as its letters beyond ASCII go.
pub(super) struct Language {
    /// Lower-case letters, most frequent first.
    pub(super) letters: &'static str,
    /// Letters of this script do not mix with others: next to an ASCII letter they are out of place.
    pub(super) own_script: bool,
    /// How much rarer files in this language are than its neighbours', in nats.
    pub(super) rarity: Weight<f64>,
}

const fn latin(letters: &'static str) -> Language {
    Language {
        letters,
        own_script: false,
        rarity: USUAL,
    }
}

const fn rare(letters: &'static str) -> Language {
    Language {
        letters,
        own_script: false,
        rarity: RARE_LANGUAGE,
    }
}

const fn own(letters: &'static str) -> Language {
    Language {
        letters,
        own_script: true,
        rarity: USUAL,
    }
}

/// Western Europe.
pub(super) static WESTERN: [Language; 11] = [
    latin("üäöß"),
    latin("éèàêçôîâûùïëœ"),
    latin("óíáéñúü"),
    latin("ãçáéíóõêâúàô"),
    latin("àèòùéì"),
    latin("ëéïöüèáó"),
    latin("åäöéü"),
    latin("øåæéöäü"),
    rare("áíóéðúþæöý"),
    rare("äöõüšž"),
    // Names of many countries in one list.
    rare("éáíóüöãçèñäâøåêôàëïæúõßîýðþ"),
];
/// Central Europe.
pub(super) static CENTRAL: [Language; 6] = [
    latin("łóążęśćńź"),
    latin("íáéřýčžěšůúťďňó"),
    latin("áíéčýžšľúťôňäďĺóŕ"),
    latin("áéőöíóüúű"),
    latin("ăâîşţ"),
    latin("čšžćđ"),
];
/// The Baltic.
pub(super) static BALTIC: [Language; 3] =
    [latin("ėšžįųūčąę"), latin("āīēšņūļžčģķ"), latin("äõüöšž")];
/// Turkey.
pub(super) static TURKISH: [Language; 1] = [latin("ıİşğüçöâ")];
/// Vietnam, composed and with the combining marks of its code page.
pub(super) static VIETNAMESE: [Language; 1] = [latin(
    "\u{300}\u{301}\u{323}\u{309}\u{303}đâôưêơăàáạảãíìịóòọúùụéèẹýỳĩũõ",
)];
/// Romania with commas below, which only ISO-8859-16 has.
pub(super) static ROMANIAN: [Language; 1] = [latin("ăâîșț")];
/// Malta, Wales and Esperanto.
pub(super) static RARE_LATIN: [Language; 3] = [latin("ħżġċà"), latin("ŵŷâôîêäï"), latin("ĉĝŭŝĵĥ")];
/// Cyrillic.
pub(super) static CYRILLIC: [Language; 4] = [
    own("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё№"),
    own("оанивтеірсклумдпязьбгйчхцїжєюшфщґ№"),
    own("аиоентрсвлкдпмузябгчъщжцшхюфй№"),
    own("аоиентсрјвуклдпмзгбњчшћцљхжђџф"),
];
/// Greek.
pub(super) static GREEK: [Language; 1] = [own("αοιετσνηυρπκμλςίωόάέήγδύθχφώβξζψϊϋΐΰ")];
/// Hebrew.
pub(super) static HEBREW: [Language; 1] = [own("יוהלאתרבשמנםכעחקפדגטזסצןךףץ")];
/// Arabic and Persian.
pub(super) static ARABIC: [Language; 2] = [
    own("اليمنرتبةوسدعفهكقحجشأطصىخإذزثضغئءظؤآ"),
    own("اینردمتهوبسلشکزفگعخقجآپحطصچضذظغثژئ"),
];
/// Thai.
pub(super) static THAI: [Language; 1] = [own(
    "านรอกเง\u{e48}มยลว\u{e49}ทสต\u{e31}ด\u{e35}\u{e34}ะบหปคแไจพชขใ\u{e38}โ\u{e37}\u{e39}\u{e33}\u{e4c}ผณธซศ\u{e36}ถภษ\u{e47}ญฟๆฐฉฝฎฏฑฒฬฮฯฆฤ",
)];

/// Han of names, places, headers and everyday words, simplified.
pub(super) const SIMPLIFIED: &str = "的一是不了在人有我他这中大来上国个到说们为子和地出道也时年得就那要下以生会自着去之过家学对可里后么起多小心方没成无发动事理好天经想开现长于行见力前手公司部有限责任科技电话号码名称姓地址省市县区路街镇村楼室编日期时间价格数量金额产品类型备注单位客户订合计总序性别男女身份证邮箱联系北京上海广州深圳杭南东西江苏浙山河湖四川福安徽重庆天津王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤军华明平丽红建国志文伟强娟敏静芳英桂兰玲杰磊涛超勇艳辉刚建华信息业务工程师经销售管设备材料服务质量检测报告分析系统网络软件";
/// The same, traditional.
pub(super) const TRADITIONAL: &str = "的一是不了在人有我他這中大來上國個到說們為子和地出道也時年得就那要下以生會自著去之過家學對可裡後麼起多小心方沒成無發動事理好天經想開現長於行見力前手公司部有限責任科技電話號碼名稱姓地址省市縣區路街鎮村樓室編日期時間價格數量金額產品類型備註單位客戶訂合計總序性別男女身份證郵箱聯絡臺北灣高雄中南新竹桃園嘉義東西王李張劉陳楊黃趙吳周徐孫馬朱胡郭何高林羅鄭梁謝宋唐許韓馮鄧曹彭曾蕭田董袁潘于蔣蔡余杜葉程蘇魏呂丁任沈姚盧姜崔鍾譚陸汪范金石廖賈夏韋付方白鄒孟熊秦邱尹薛閆段雷侯龍史陶黎賀顧毛郝龔邵萬錢嚴覃武戴莫孔向湯軍華明平麗紅建國志文偉強娟敏靜芳英桂蘭玲傑磊濤超勇艷輝剛資訊業務工程師經銷售管設備材料服務質檢測報告分析系統網路軟體段號巷弄里鄰";
/// Kanji of names, places and headers in Japanese.
pub(super) const KANJI: &str = "日一人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場金員九入選立開手米力学問高代明実円関決子動京全目表戦経通外最言氏現理調体化田当八六約主題下首意法不来作性的要用制治度務強気小七成期公野協取都和統以機平総加山思家話世受区領多県続進正安設保改数記院女初北午指権心界支第産結百派点教報済書府活原先共得解名交資予川向際査勝面委告軍文反元重近千考判認画海参売利組知案道信策集在件団別物側任引使求所次水半品昨論計死官増係感特情投示変打男基私各始島直両朝革価式確村提運終挙果西勢減台広容必応演電歳住争談能無再位置企真流格有疑口過局少放税検藤沢佐木村鈴高橋渡辺伊藤山本中村小林加藤吉田松井清水斎森池橋阿部石川郎美恵健太愛翔優花町丁目番号株式会社郵便住所氏名電話商品名称数量単価金額備考注文顧客日付";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_every_letter_of_a_language_once() {
        let groups: [&[Language]; 12] = [
            &WESTERN,
            &CENTRAL,
            &BALTIC,
            &TURKISH,
            &VIETNAMESE,
            &ROMANIAN,
            &RARE_LATIN,
            &CYRILLIC,
            &GREEK,
            &HEBREW,
            &ARABIC,
            &THAI,
        ];
        for language in groups.into_iter().flatten() {
            let mut letters: Vec<char> = language.letters.chars().collect();
            letters.sort_unstable();
            let count = letters.len();
            letters.dedup();
            assert_eq!(letters.len(), count, "{}", language.letters);
        }
    }
}
