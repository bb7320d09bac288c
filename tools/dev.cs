#:property PublishAot=false
#:property TreatWarningsAsErrors=false
#:property GenerateDocumentationFile=false
#:property EnforceCodeStyleInBuild=false
// Every chore of the repository: dotnet run tools/dev.cs -- <chore> [arguments]
using System.IO.Compression;
using System.Text;
using System.Text.Json;

var chores = new Dictionary<string, (string Usage, Action<string[]> Run)>
{
    ["kubernetes-data"] = ("FOLDER  rewrites src/Sparkwright.Kubernetes/Schema/Data from the API facts in a folder", KubernetesData),
    ["ec2-data"] = ("FOLDER  rewrites src/Sparkwright.World/Ec2/Data from the EC2 tables in a folder", Ec2Data),
};
if (args.Length == 0 || !chores.TryGetValue(args[0], out var chore))
{
    foreach (var (name, known) in chores)
    {
        Console.WriteLine($"  {name} {known.Usage}");
    }

    return args.Length == 0 ? 0 : 2;
}

chore.Run(args[1..]);
return 0;

// One line a type, group or resource: what it is found by, tabs between, then its facts as JSON. Read lazily, a line at a time.
static void KubernetesData(string[] arguments)
{
    var target = "src/Sparkwright.Kubernetes/Schema/Data";
    Directory.CreateDirectory(target);
    void Write(string file, IEnumerable<string> lines) => File.WriteAllText(Path.Combine(target, file), string.Join('\n', lines) + "\n");
    var relaxed = new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
    string Id(JsonElement element) => $"{Text(element, "group")}/{Text(element, "version")}/{Text(element, "kind")}";
    using var schema = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(arguments[0], "kubernetes-1.33-schema.json")));
    Write("types.tsv", schema.RootElement.GetProperty("types").EnumerateObject().Select(type =>
    {
        var kinds = type.Value.TryGetProperty("kind", out var known) ? known.EnumerateArray().Select(Id) : [];
        return $"{type.Name}\t{string.Join(',', kinds)}\t{Minified(type.Value)}";
    }));
    using var resources = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(arguments[0], "kubernetes-1.33-resources.json")));
    var crds = Directory.GetFiles(Path.Combine(arguments[0], "karpenter-crds"), "*.json").Order(StringComparer.Ordinal)
        .Select(file => JsonDocument.Parse(File.ReadAllBytes(file)).RootElement)
        .OrderBy(Id, StringComparer.Ordinal).ToList();
    Write(
        "resources.tsv",
        resources.RootElement.GetProperty("groups").EnumerateArray().Select(group => $"group\t{Text(group, "group")}\t{Minified(group)}")
            .Append($"operations\t\t{Minified(resources.RootElement.GetProperty("operations"))}")
            .Concat(resources.RootElement.GetProperty("resources").EnumerateArray().Select(one => $"resource\t{Id(one)}\t{Minified(one)}")));
    Write("crds.tsv", crds.Select(crd =>
    {
        var about = new System.Text.Json.Nodes.JsonObject(crd.EnumerateObject().Where(fact => fact.Name != "fields").Select(fact =>
            KeyValuePair.Create(fact.Name, System.Text.Json.Nodes.JsonNode.Parse(fact.Value.GetRawText()))));
        return $"{Id(crd)}\t{about.ToJsonString(relaxed)}\t{{\"fields\":{Minified(crd.GetProperty("fields"))}}}";
    }));
}

// One gzip file a region, so that only the region asked for is unpacked; types apart, since all regions share them.
static void Ec2Data(string[] arguments)
{
    var target = "src/Sparkwright.World/Ec2/Data";
    Directory.CreateDirectory(target);
    string[] Lines(string name) => File.ReadAllLines(Path.Combine(arguments[0], name));
    string[][] Rows(string name, params string[] columns)
    {
        var lines = Lines(name);
        var at = columns.Select(column => Array.IndexOf(lines[0].Split(','), column)).ToArray();
        return [.. lines.Skip(1).Where(line => line.Length > 0).Select(line => line.Split(',')).Select(cells => at.Select(column => cells[column]).ToArray())];
    }

    // The columns that the program reads; the order is free, the names are looked up.
    string[] facts =
    [
        "instance_type", "family", "size", "arch", "vcpu", "memory_mib", "local_nvme_gb_total", "local_nvme_disks", "gpu_name", "gpu_manufacturer", "gpu_count",
        "gpu_memory_mib", "accelerator_name", "accelerator_manufacturer", "accelerator_count", "enis", "ipv4_per_eni", "bare_metal", "hypervisor", "cpu_manufacturer",
        "clock_mhz", "category", "generation", "encryption_in_transit", "flex", "ebs_mbps", "network_baseline_mbps",
    ];
    Pack(Path.Combine(target, "types.csv.gz"), Rows("ec2-instance-types.csv", facts).Prepend(facts).Select(row => string.Join(',', row)));
    var prices = Rows("ec2-on-demand-usd.csv", "region", "instance_type", "usd_per_hour");
    var spot = Rows("ec2-spot.csv", "region", "instance_type", "savings_percent", "interruption_band").ToDictionary(row => (row[0], row[1]));
    var zones = Rows("ec2-zone-offerings.csv", "region", "instance_type", "zone_letters").ToDictionary(row => (row[0], row[1]), row => row[2]);
    foreach (var region in prices.GroupBy(row => row[0]))
    {
        Pack(Path.Combine(target, $"{region.Key}.csv.gz"), region.Select(row =>
        {
            var saving = spot.GetValueOrDefault((row[0], row[1]));
            return string.Join(',', row[1], row[2], saving?[2] ?? "", saving?[3] ?? "", zones.GetValueOrDefault((row[0], row[1]), ""));
        }));
    }

    File.WriteAllLines(Path.Combine(target, "zones.csv"), Rows("zones.csv", "region", "zone").Select(row => string.Join(',', row)));
}

static string Minified(JsonElement element)
{
    using var buffer = new MemoryStream();
    using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
    {
        element.WriteTo(writer);
    }

    return Encoding.UTF8.GetString(buffer.ToArray());
}

static void Pack(string path, IEnumerable<string> lines)
{
    using var file = File.Create(path);
    using var zip = new GZipStream(file, CompressionLevel.SmallestSize);
    zip.Write(Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));
}
