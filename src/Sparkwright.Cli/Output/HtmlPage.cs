using System.Globalization;
using System.Net;
using System.Text;

namespace Sparkwright.Cli.Output;

/// <summary>A page that needs nothing but itself, in light and dark, for wide and narrow windows; text from elsewhere is escaped here.</summary>
public sealed class HtmlPage
{
    private const string Style = """
        :root{color-scheme:light dark;--bg:#f5f6f8;--card:#fff;--ink:#17202b;--soft:#5d6978;--line:#e2e6eb;--track:#eef1f4;--ok:#0f7a57;--bad:#be3219;--od:#b9d0f5;--spot:#b4e2cb;--boot:#e3e7ec;--wait:#f0c36a;--start:#c9b8ee;--run:#3b6fd4;--idle:#e8d9b8}
        @media(prefers-color-scheme:dark){:root{--bg:#0f1318;--card:#181e26;--ink:#e6ebf1;--soft:#9aa7b7;--line:#2a333f;--track:#212934;--ok:#4fcb9d;--bad:#ff8670;--od:#345384;--spot:#2a6650;--boot:#39434f;--wait:#a97d23;--start:#65549a;--run:#6fa1f6;--idle:#5c4f33}}
        *{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
        main{max-width:1240px;margin:0 auto;padding:36px 24px 72px}h1{font-size:26px;line-height:1.2;letter-spacing:-.01em;margin:0;overflow-wrap:anywhere}h2{font-size:18px;line-height:1.3;margin:0;overflow-wrap:anywhere}h3{font-size:15px;margin:32px 0 10px}h3 small{font-weight:400;color:var(--soft);margin-left:8px}
        .sub{color:var(--soft);margin:6px 0 0;overflow-wrap:anywhere}.head{display:flex;gap:12px;align-items:center;flex-wrap:wrap}.tag{font-size:12px;font-weight:600;border-radius:99px;padding:2px 11px;border:1px solid currentColor;white-space:nowrap}.ok{color:var(--ok)}.bad{color:var(--bad)}
        .card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:22px 24px;margin:20px 0 0}details.card>summary{list-style:none;cursor:pointer}details.card>summary::-webkit-details-marker{display:none}
        .facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(132px,1fr));gap:1px;background:var(--line);border:1px solid var(--line);border-radius:10px;overflow:hidden;margin:18px 0 0}.facts div{background:var(--card);padding:11px 14px}.facts b{display:block;font-size:20px;line-height:1.3;font-weight:600;font-variant-numeric:tabular-nums}.facts span{color:var(--soft);font-size:13px}
        .share{display:flex;height:8px;border-radius:4px;overflow:hidden;background:var(--idle);margin:14px 0 4px}.share i{background:var(--run)}
        .time{display:grid;grid-template-columns:minmax(180px,290px) 1fr;column-gap:14px;row-gap:3px;font-size:13px}.time .l{white-space:nowrap;overflow:hidden;text-overflow:ellipsis;line-height:18px}.time .pod{color:var(--soft);padding-left:16px}.time .t{position:relative;height:18px;background:var(--track);border-radius:3px}
        .time .t i{position:absolute;top:0;bottom:0;border-radius:3px;min-width:2px}.time .p{height:18px}.time .p i{top:4px;bottom:4px}.axis{position:relative;height:18px;color:var(--soft);font-size:12px}.axis span{position:absolute;transform:translateX(-50%);font-variant-numeric:tabular-nums}.axis span:first-child{transform:none}.axis span:last-child{transform:translateX(-100%)}
        .od{background:var(--od)}.spot{background:var(--spot)}.boot{background:var(--boot)}.wait{background:var(--wait)}.start{background:var(--start)}.run{background:var(--run)}.held{background:repeating-linear-gradient(135deg,var(--run) 0 3px,var(--track) 3px 6px)}
        .key{display:flex;flex-wrap:wrap;gap:4px 18px;color:var(--soft);font-size:13px;margin:10px 0 0}.key i{display:inline-block;width:14px;height:10px;border-radius:2px;margin-right:6px}
        .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:13.5px}th{text-align:left;color:var(--soft);font-weight:500;white-space:nowrap}th,td{padding:6px 18px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}tr:last-child td{border-bottom:0}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}td:last-child,th:last-child{padding-right:0}td{overflow-wrap:break-word}td.k{white-space:nowrap}
        .why{border:1px solid var(--line);border-radius:10px;padding:12px 16px;margin:0 0 10px}.why p{margin:0 0 4px;overflow-wrap:anywhere}.why ul{margin:0 0 8px;padding-left:18px;color:var(--soft);font-size:13.5px;overflow-wrap:anywhere}.note{color:var(--soft);font-size:13.5px;margin:6px 0;overflow-wrap:anywhere}.note b{color:var(--ink);font-weight:600}
        details.more{margin:10px 0 0}details.more>summary{cursor:pointer;color:var(--soft)}a{color:inherit}
        @media(max-width:700px){main{padding:22px 14px 48px}.card{padding:18px 16px}.time{grid-template-columns:1fr;row-gap:1px}.time .l{margin-top:5px}.time .l.pod{margin-top:0}.time .corner{display:none}
        table,tbody,tr,td{display:block;width:auto}tr:first-child{display:none}tr{border-bottom:1px solid var(--line);padding:8px 0}tr:last-child{border-bottom:0}td,td.n,td.k{border:0;padding:1px 0;text-align:left;white-space:normal;display:grid;grid-template-columns:112px 1fr;gap:10px}td::before{content:attr(data-h);color:var(--soft)}td:empty{display:none}}
        @media print{body{background:#fff}.card{break-inside:avoid}}
        """;

    private readonly StringBuilder html = new();

    public HtmlPage(string title) => html
        .Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>")
        .Append(Text(title)).Append("</title><style>").Append(Style).Append("</style></head><body><main>\n");

    /// <summary>The page as a whole; nothing may be added afterwards.</summary>
    public string End() => html.Append("</main></body></html>\n").ToString();

    /// <param name="markup">Ready HTML.</param>
    public void Raw(string markup) => html.Append(markup);

    public void Heading(string text, string? aside = null) =>
        html.Append(CultureInfo.InvariantCulture, $"<h3>{Text(text)}{(aside is null ? "" : $"<small>{Text(aside)}</small>")}</h3>\n");

    public void Note(string text, string? strong = null) =>
        html.Append(CultureInfo.InvariantCulture, $"<p class=\"note\">{(strong is null ? "" : $"<b>{Text(strong)}</b> ")}{Text(text)}</p>\n");

    /// <summary>Figures side by side.</summary>
    public void Facts(IEnumerable<(string Label, string Value)> facts)
    {
        html.Append("<div class=\"facts\">");
        foreach (var (label, value) in facts)
        {
            html.Append(CultureInfo.InvariantCulture, $"<div><b>{Text(value)}</b><span>{Text(label)}</span></div>");
        }

        html.Append("</div>\n");
    }

    /// <summary>A table; titles that begin with &gt; are of numbers, those that begin with ! of what must not be broken. In a narrow window each row is a list of its own.</summary>
    public void Table(string[] titles, IEnumerable<string[]> rows)
    {
        var classes = titles.Select(title => title[0] switch { '>' => " class=\"n\"", '!' => " class=\"k\"", _ => "" }).ToList();
        var names = titles.Select(title => Text(ReportTable.Plain(title))).ToList();
        html.Append("<div class=\"scroll\"><table><tr>").AppendJoin("", names.Select((name, at) => $"<th{classes[at]}>{name}</th>")).Append("</tr>\n");
        foreach (var row in rows)
        {
            html.Append("<tr>").AppendJoin("", row.Select((cell, at) => $"<td{classes[at]} data-h=\"{names[at]}\">{Text(cell)}</td>")).Append("</tr>\n");
        }

        html.Append("</table></div>\n");
    }

    public static string Text(string text) => WebUtility.HtmlEncode(text);
}
