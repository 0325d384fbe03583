# Installs Muster's programs as tasks that Windows starts and restarts, from a folder that `deno task build --target windows-x64` made.
# Runs again without harm: programs and tasks are replaced, settings in C:\ProgramData\Muster never are.
# Run it in a PowerShell with administrator's rights. Not run on Windows yet: docs/platforms.md says what is known.
[CmdletBinding()]
param(
  # What this host is.
  [ValidateSet('controller', 'agent', 'both')] [string] $Role = 'both',
  # Where the programs and SHA256SUMS are.
  [string] $From = $PSScriptRoot,
  # Where the programs go.
  [string] $Prefix = "$env:ProgramFiles\Muster",
  # The controller that the agent registers at; with both, the one on this host.
  [string] $Controller = '',
  # The address of this host to listen on.
  [string] $HostAddress = '',
  # The token that controller and agents share; made by the controller's installation.
  [string] $TokenFile = '',
  # No token, for a lab.
  [switch] $Insecure,
  # Say what would be done, and do nothing.
  [switch] $DryRun,
  # Put the former programs back; a second time undoes that.
  [switch] $Rollback,
  # Remove programs and tasks; settings and state stay.
  [switch] $Uninstall
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$JoinWaitSeconds = 30
$Settings = "$env:ProgramData\Muster"
$Services = @(if ($Role -eq 'both') { 'controller', 'agent' } else { $Role })
$Programs = $Services + @(if ($Services -contains 'agent') { 'payload' })

function Invoke-Main {
  $admin = [Security.Principal.WindowsBuiltInRole]::Administrator
  $me = New-Object Security.Principal.WindowsPrincipal([Security.Principal.WindowsIdentity]::GetCurrent())
  if (-not $DryRun -and -not $me.IsInRole($admin)) {
    throw "Cannot install: this needs administrator's rights; run it as administrator, or with -DryRun to see what it does"
  }
  if ($Uninstall) { Remove-All } elseif ($Rollback) { Restore-Former } else { Install-All }
}

# --- install ----------------------------------------------------------------------------------------------------------

function Install-All {
  Test-Flags
  Test-Processor
  Test-Programs
  $Services | ForEach-Object { Stop-Muster $_ }
  $Programs | ForEach-Object { Install-Program $_ }
  if (-not $Insecure) { Write-Token }
  $Services | ForEach-Object { Write-Settings $_; Register-Muster $_; Start-Muster $_ }
  if ($DryRun) { return }
  if ($Services -contains 'agent') { Wait-Join } else { Write-Host 'the controller runs' }
}

function Test-Flags {
  if ($Role -ne 'agent') { return }
  if ($Controller -and $Controller -notmatch '^http://(127\.|localhost)' -and -not $HostAddress) {
    throw 'Give -HostAddress <address of this host that the controller reaches>'
  }
  if (-not $Insecure -and -not $TokenFile -and -not (Test-Path "$Settings\token")) {
    throw "Give -TokenFile <copy of the token from the controller's host>, or -Insecure for a lab"
  }
}

function Test-Processor {
  # A 32-bit PowerShell on a 64-bit Windows names the real one in the second variable.
  $processors = $env:PROCESSOR_ARCHITECTURE, $env:PROCESSOR_ARCHITEW6432
  if ($processors -notcontains 'AMD64') {
    throw "Cannot install: Muster is built for x64; this processor is $env:PROCESSOR_ARCHITECTURE"
  }
}

function Test-Programs {
  $list = Join-Path $From 'SHA256SUMS'
  if (-not (Test-Path $list)) {
    throw "Cannot install: $From has no SHA256SUMS; give -From <folder made by deno task build>"
  }
  $sums = @{}
  foreach ($line in Get-Content $list) {
    if ($line -match '^(\S+)\s+(\S+)$') { $sums[$Matches[2]] = $Matches[1] }
  }
  foreach ($program in $Programs) {
    $file = Join-Path $From "$program.exe"
    if (-not (Test-Path $file)) { throw "Cannot install: $From has no $program.exe" }
    if ($sums["$program.exe"] -ne (Get-FileHash $file -Algorithm SHA256).Hash) {
      throw "Cannot install: $file is not the file that SHA256SUMS names; copy it again"
    }
    & $file --version | Out-Null
    if ($LASTEXITCODE -ne 0) { throw "Cannot install: $file does not start here" }
  }
}

function Install-Program([string] $program) {
  $source = Join-Path $From "$program.exe"
  $target = Join-Path $Prefix "$program.exe"
  if ((Test-Path $target) -and (Get-FileHash $source).Hash -eq (Get-FileHash $target).Hash) {
    Write-Host "$target is this version already"
    return
  }
  if (-not (Confirm-Step "install $target")) { return }
  New-Item -ItemType Directory -Force $Prefix | Out-Null
  # Under another name first: half a file must never be started.
  Copy-Item -Force $source "$target.new"
  if (Test-Path $target) { Move-Item -Force $target "$target.former" }
  Move-Item -Force "$target.new" $target
}

# One token for both, readable for administrators and the system only.
function Write-Token {
  $path = "$Settings\token"
  if (Test-Path $path) { Write-Host "keep $path"; return }
  if (-not (Confirm-Step "write $path")) { return }
  New-Item -ItemType Directory -Force $Settings | Out-Null
  $bytes = New-Object byte[] 32
  [Security.Cryptography.RandomNumberGenerator]::Create().GetBytes($bytes)
  $token = -join ($bytes | ForEach-Object { $_.ToString('x2') })
  if ($TokenFile) { $token = (Get-Content -Raw $TokenFile).Trim() }
  # Closed to others before there is anything in it. By number, as the names are translated.
  New-Item -ItemType File $path | Out-Null
  icacls $path /inheritance:r /grant '*S-1-5-18:R' '*S-1-5-32-544:F' | Out-Null
  if ($LASTEXITCODE -ne 0) { Remove-Item $path; throw "Cannot install: $path can't be closed to other users" }
  Set-Content -NoNewline -Path $path -Value $token
}

function Write-Settings([string] $name) {
  $path = "$Settings\$name.yaml"
  if (Test-Path $path) { Write-Host "keep $path as it is"; return }
  if (-not (Confirm-Step "write $path")) { return }
  New-Item -ItemType Directory -Force "$Settings\$name" | Out-Null
  $address = if ($HostAddress) { $HostAddress } else { '127.0.0.1' }
  $lines = @("host: '$address'", "data: '$Settings\$name'")
  $lines += if ($Insecure) { 'insecure: true' } else { "token-file: '$Settings\token'" }
  $url = if ($Controller -or $Role -ne 'both') { $Controller } else { "http://${address}:8000" }
  if ($name -eq 'agent' -and $url) { $lines += "controller: '$url'" }
  Set-Content -Path $path -Value $lines -Encoding Ascii
}

# Muster's programs don't speak the protocol of Windows services: a task that starts with the system keeps them running.
# Its second trigger starts a program that has ended; while it runs, that does nothing.
function Register-Muster([string] $name) {
  if (-not (Confirm-Step "register the task muster-$name")) { return }
  $program = Join-Path $Prefix "$name.exe"
  # A task has no log of its own: cmd.exe writes what the program says to one.
  $line = "/d /s /c `"`"$program`" --config-file `"$Settings\$name.yaml`" 2>>`"$Settings\$name\$name.log`"`""
  $action = New-ScheduledTaskAction -Execute "$env:SystemRoot\System32\cmd.exe" -Argument $line
  $triggers = @(
    (New-ScheduledTaskTrigger -AtStartup),
    (New-ScheduledTaskTrigger -Once -At (Get-Date) -RepetitionInterval (New-TimeSpan -Minutes 1))
  )
  $always = New-ScheduledTaskSettingsSet -MultipleInstances IgnoreNew -ExecutionTimeLimit ([TimeSpan]::Zero) `
    -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries
  $system = New-ScheduledTaskPrincipal -UserId 'S-1-5-18' -RunLevel Highest
  Register-ScheduledTask -Force -TaskName "muster-$name" -Action $action -Settings $always -Principal $system `
    -Trigger $triggers | Out-Null
}

# --- start, stop, join ------------------------------------------------------------------------------------------------

function Start-Muster([string] $name) {
  if (-not (Confirm-Step "start muster-$name")) { return }
  Enable-ScheduledTask -TaskName "muster-$name" | Out-Null
  Start-ScheduledTask -TaskName "muster-$name"
}

# Disabled meanwhile, or its second trigger would start it again. An agent's replicas end with it.
function Stop-Muster([string] $name) {
  if (-not (Get-ScheduledTask -TaskName "muster-$name" -ErrorAction SilentlyContinue)) { return }
  if (-not (Confirm-Step "stop muster-$name")) { return }
  Disable-ScheduledTask -TaskName "muster-$name" | Out-Null
  Stop-ScheduledTask -TaskName "muster-$name"
  $program = Join-Path $Prefix "$name.exe"
  $running = @(Get-Process -Name $name -ErrorAction SilentlyContinue | Where-Object { $_.Path -eq $program })
  $running | ForEach-Object { Stop-Process -Force -Id $_.Id; $_.WaitForExit(10000) | Out-Null }
}

# Ends with the name that the node got, or with what keeps it from joining.
function Wait-Join {
  $found = Select-String -Path "$Settings\agent.yaml" -Pattern "^controller:\s*'?([^'\s]+)" | Select-Object -First 1
  if (-not $found) {
    Write-Host 'the agent runs; it waits to be added: controller.exe node add <its url>'
    return
  }
  $url = $found.Matches[0].Groups[1].Value.TrimEnd('/')
  $problem = ''
  for ($waited = 0; $waited -lt $JoinWaitSeconds; $waited++) {
    Start-Sleep -Seconds 1
    try {
      $name = Get-JoinedName $url
      if ($name) { Write-Host "joined as $name"; return }
      $problem = "the controller $url does not list this agent as ready"
    } catch {
      $problem = $_.Exception.Message
    }
  }
  throw "Not joined within $JoinWaitSeconds s: $problem; the agent goes on trying, and $Settings\agent\agent.log says more"
}

# The name of the node at this agent's address, once the controller has it ready; nothing before.
function Get-JoinedName([string] $url) {
  $headers = @{}
  if (Test-Path "$Settings\token") { $headers['Authorization'] = "Bearer $((Get-Content -Raw "$Settings\token").Trim())" }
  $agent = "http://$((Get-Content -Raw "$Settings\agent\agent.addr").Trim())"
  $health = Invoke-RestMethod -Uri "$agent/v1/health" -Headers $headers -TimeoutSec 5 -UseBasicParsing
  $status = Invoke-RestMethod -Uri "$url/status" -Headers $headers -TimeoutSec 5 -UseBasicParsing
  $nodes = @($status.nodes | Where-Object { $_.url.TrimEnd('/') -eq $agent -or $_.name -eq $health.name })
  foreach ($node in $nodes) { if ($node.status -eq 'ready') { return $node.name } }
}

# --- back, and away ---------------------------------------------------------------------------------------------------

function Restore-Former {
  $kept = @($Programs | Where-Object { Test-Path (Join-Path $Prefix "$_.exe.former") })
  if ($kept.Count -eq 0) { throw "Cannot roll back: $Prefix keeps no former programs" }
  $Services | ForEach-Object { Stop-Muster $_ }
  foreach ($program in $kept) {
    $target = Join-Path $Prefix "$program.exe"
    if (-not (Confirm-Step "put the former $target back")) { continue }
    Move-Item -Force $target "$target.new"
    Move-Item -Force "$target.former" $target
    Move-Item -Force "$target.new" "$target.former"
  }
  $Services | ForEach-Object { Start-Muster $_ }
}

function Remove-All {
  foreach ($name in $Services) {
    if (-not (Get-ScheduledTask -TaskName "muster-$name" -ErrorAction SilentlyContinue)) { continue }
    Stop-Muster $name
    if (Confirm-Step "remove the task muster-$name") { Unregister-ScheduledTask -TaskName "muster-$name" -Confirm:$false }
  }
  foreach ($program in $Programs) {
    $target = Join-Path $Prefix "$program.exe"
    foreach ($file in $target, "$target.former", "$target.new") {
      if ((Test-Path $file) -and (Confirm-Step "remove $file")) { Remove-Item -Force $file }
    }
  }
  if (-not $DryRun) { Write-Host "settings and state in $Settings stay" }
}

# Says what is done next, or what would be. Whether this run changes anything.
function Confirm-Step([string] $what) {
  Write-Host $(if ($DryRun) { "would: $what" } else { $what })
  return -not $DryRun
}

# Called last, so that a script which arrived only in part does nothing.
Invoke-Main
