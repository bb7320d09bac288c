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
    ["kubernetes-pointers"] = ("PROGRAM...  rewrites Schema/Data/pointers.tsv from Go programs that know the API's types (kubectl, helm)", KubernetesPointers),
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

// Which scalar fields are pointers in Go, where unset and zero differ: neither OpenAPI nor the protobuf files say so, but every Go program
// carries the descriptions of its types (internal/abi/type.go), tags included.
static void KubernetesPointers(string[] programs)
{
    var found = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
    foreach (var program in programs)
    {
        foreach (var (type, fields) in new GoTypes(File.ReadAllBytes(program)).Pointers())
        {
            found.TryAdd(type, fields);
        }
    }

    var known = File.ReadLines("src/Sparkwright.Kubernetes/Schema/Data/types.tsv").Select(line => line[..line.IndexOf('\t')]).ToHashSet();
    File.WriteAllText(
        "src/Sparkwright.Kubernetes/Schema/Data/pointers.tsv",
        string.Concat(found.Where(type => type.Value.Count > 0 && known.Contains(type.Key)).Select(type => $"{type.Key}\t{string.Join(',', type.Value)}\n")));
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

// The types of a 64-bit ELF program that is not position independent.
sealed class GoTypes
{
    private const int Pointer = 22, Struct = 25;
    private readonly byte[] image;
    private readonly List<(long Address, long Size, int Offset)> segments = [];

    public GoTypes(byte[] image)
    {
        this.image = image;
        var headers = (int)BitConverter.ToInt64(image, 32);
        for (var at = headers; at < headers + (56 * BitConverter.ToUInt16(image, 56)); at += 56)
        {
            if (BitConverter.ToInt32(image, at) == 1)
            {
                segments.Add((BitConverter.ToInt64(image, at + 16), BitConverter.ToInt64(image, at + 32), (int)BitConverter.ToInt64(image, at + 8)));
            }
        }
    }

    // The definition id of each struct of the API with the JSON names of its fields that point to scalars.
    public IEnumerable<(string Type, SortedSet<string> Fields)> Pointers()
    {
        var structs = new List<int>();
        foreach (var (_, size, offset) in segments)
        {
            for (var at = offset; at + 96 < offset + size; at += 8)
            {
                // A struct with a name and a package: its flags, its kind, and a slice of fields that is as long as it is large.
                if ((image[at + 23] & 31) == Struct && (image[at + 20] & 5) == 5 && Long(at + 64) is > 0 and < 200 and var count && Long(at + 72) == count
                    && OffsetOf(Long(at + 56)) > 0 && FieldsOf(at).Any(field => field.Tag.Contains("protobuf:\"", StringComparison.Ordinal)))
                {
                    structs.Add(at);
                }
            }
        }

        // Names are offsets into the types; a name that only one struct has says from where.
        var spec = structs.First(at => FieldsOf(at).Any(field => field.Name == "AutomountServiceAccountToken") && FieldsOf(at).Any(field => field.Name == "NodeSelector"));
        byte[] wanted = [1, 11, .. "*v1.PodSpec"u8];
        var start = AddressOf(image.AsSpan().IndexOf(wanted)) - BitConverter.ToInt32(image, spec + 40);
        foreach (var at in structs)
        {
            if (NameAt(start + BitConverter.ToInt32(image, at + 40)) is (var name, _) && NameAt(start + BitConverter.ToInt32(image, at + 80)) is (var package, _))
            {
                var path = package.Split('/');
                var host = string.Join('.', path[0].Split('.').Reverse());
                yield return ($"{host}.{string.Join('.', path[1..])}.{name[(name.LastIndexOf('.') + 1)..]}", Scalars(at));
            }
        }
    }

    private SortedSet<string> Scalars(int at)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (_, tag, type) in FieldsOf(at))
        {
            var json = tag.Split("json:\"").ElementAtOrDefault(1)?.Split('"')[0].Split(',') ?? [];
            if (json.Contains("inline") && (image[type + 23] & 31) == Struct)
            {
                names.UnionWith(Scalars(type));
            }
            else if (json.Length > 0 && (image[type + 23] & 31) == Pointer && OffsetOf(Long(type + 48)) is > 0 and var target && (image[target + 23] & 31) is (>= 1 and <= 14) or 24)
            {
                names.Add(json[0]);
            }
        }

        return names;
    }

    private IEnumerable<(string Name, string Tag, int Type)> FieldsOf(int at)
    {
        var first = OffsetOf(Long(at + 56));
        for (var field = first; field < first + (24 * (int)Long(at + 64)); field += 24)
        {
            if (NameAt(Long(field)) is var (name, tag) && OffsetOf(Long(field + 8)) is > 0 and var type)
            {
                yield return (name, tag, type);
            }
        }
    }

    private (string Name, string Tag)? NameAt(long address)
    {
        var at = OffsetOf(address);
        if (at <= 0 || image[at] > 15)
        {
            return null;
        }

        var name = Text(at + 1, out var end);
        return name is null ? null : (name, (image[at] & 2) != 0 ? Text(end, out _) ?? "" : "");
    }

    private string? Text(int at, out int end)
    {
        int length = 0, shift = 0;
        do
        {
            length |= (image[at] & 127) << shift;
            shift += 7;
        }
        while (image[at++] >= 128 && shift < 21);
        end = at + length;
        return length is > 0 and < 1000 && end < image.Length ? Encoding.UTF8.GetString(image, at, length) : null;
    }

    private long Long(int at) => BitConverter.ToInt64(image, at);

    private int OffsetOf(long address)
    {
        foreach (var (start, size, offset) in segments)
        {
            if (address >= start && address < start + size - 96)
            {
                return (int)(address - start) + offset;
            }
        }

        return 0;
    }

    private long AddressOf(int place) => segments.Where(one => place >= one.Offset && place < one.Offset + one.Size).Select(one => place - one.Offset + one.Address).First();
}
